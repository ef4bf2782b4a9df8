// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/transfer.hpp>

#include <string>

namespace weir::http::internal {
namespace {

ClientErrorCode code_of(CURLcode result) {
  switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return ClientErrorCode::kResolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
    case CURLE_PROXY:
      return ClientErrorCode::kConnect;
    case CURLE_OPERATION_TIMEDOUT:
      return ClientErrorCode::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return ClientErrorCode::kTls;
    case CURLE_FILESIZE_EXCEEDED:
      return ClientErrorCode::kTooLarge;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // the URL's was checked before: an answer without a head
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_SEND_FAIL_REWIND:
      return ClientErrorCode::kBroken;
    default:
      return ClientErrorCode::kOther;
  }
}

}  // namespace

Transfer::Transfer(ClientCore& core, const ClientRequest& request, const Target& target, base::TimePoint deadline,
                   bool is_first)
    : Timer(core.loop().timers()),
      core_(core),
      request_(request),
      target_(target),
      deadline_(deadline),
      is_first_(is_first),
      collector_(request.response_bytes_max) {}

bool Transfer::begin() {
  if (deadline_ <= core_.loop().clock().now()) {
    fail(ClientErrorCode::kTimeout, "its time was up before it was sent");
  } else if (!core_.queue().enter(*this, target_.origin)) {
    fail(ClientErrorCode::kRefused, "too many requests wait for a connection");
  } else {
    if (deadline_ != base::TimePoint::max()) arm_at(deadline_);
    return true;
  }
  stop_listening();
  return false;
}

void Transfer::start() noexcept {
  easy_.emplace(request_, target_, core_.options(), collector_, this);
  core_.multi().add(easy_->get());
}

void Transfer::on_done(CURLcode result) {
  if (collector_.is_too_large()) {
    fail(ClientErrorCode::kTooLarge, "the answer is larger than the request allows");
  } else if (result != CURLE_OK) {
    fail(code_of(result), easy_->message_of(result));
  } else if (!collector_.is_head_complete()) {
    fail(ClientErrorCode::kBroken, "the connection ended within the head");  // which libcurl takes for an answer
  } else {
    status_ = easy_->status();
  }
  end();
}

void Transfer::on_expiry() noexcept {
  fail(ClientErrorCode::kTimeout, easy_ ? "no complete answer in time" : "no connection became free in time");
  end();
}

void Transfer::on_stop() noexcept {
  is_cancelled_ = true;
  end();
}

void Transfer::fail(ClientErrorCode code, const std::string& why) {
  const bool is_unsent = is_first_ && (!easy_ || easy_->bytes_sent() == 0);
  error_.emplace(code, target_.authority + ": " + why, is_unsent);
}

// Resumes on a turn of its own: whoever awaits may do anything, ending this client included.
void Transfer::end() {
  disarm();
  stop_listening();
  if (easy_) {
    core_.multi().remove(easy_->get());
    easy_.reset();
  }
  core_.queue().leave(*this);
  core_.loop().complete(*this);
}

ClientResponse Transfer::await_resume() {
  if (is_cancelled_) throw loop::Cancelled();
  if (error_) throw ClientError(*error_);
  return collector_.take(status_);
}

}  // namespace weir::http::internal
