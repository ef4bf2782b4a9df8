// SPDX-License-Identifier: MIT
#include <tests/model/client.hpp>

#include <algorithm>
#include <cstdio>

namespace weir::model {

using namespace std::chrono_literals;

Client::Client(Machine& machine, Random& random, Fail fail)
    : machine_(machine), random_(random), fail_(std::move(fail)), accepted_(machine.clock.now()) {
  machine_.on_loop([this] { machine_.connections().adopt(peer_.take_server_end()); });
}

void Client::compose(int id) {
  Sent request;
  request.id = id;
  request.kind = &kinds()[random_.pick(kinds().size())];
  request.answer_bytes = random_.one_of<std::size_t>({0, 10, 10, 10, 500, 5'000, 30'000, 150'000});
  if (request.kind->sleeps) {
    // Well on either side of the deadline of 50 ms, which is a tick of 16 ms late.
    request.sleeps = std::chrono::milliseconds(random_.one_of({0, 1, 5, 20, 80, 200}));
  }
  if (request.kind->is_hooked) {
    request.hook = random_.one_of<const char*>({"pass", "wait", "wait", "answer", "throw", "offload"});
  }
  if (request.kind->content != Content::kNone) {
    request.content_bytes = random_.one_of<std::size_t>({0, 1, 100, 2'000, 20'000, 100'000});
  }
  request.is_head = request.kind->content == Content::kNone && random_.chance(10);
  request.begin = stream_.size();
  begin_request(request, stream_);
  request.end = stream_.size();
  requests_.push_back(std::move(request));
}

void Client::begin_request(Sent& request, std::string& text) {
  const bool has_content = request.kind->content != Content::kNone;
  text += request.is_head ? "HEAD /" : has_content ? "POST /" : "GET /";
  text.append(request.kind->name).append("/").append(std::to_string(request.id));
  text += "?out=" + std::to_string(request.answer_bytes) + "&in=" + std::to_string(request.content_bytes) +
          "&ms=" + std::to_string(request.sleeps.count());
  request.is_1_0 = random_.chance(5);
  text += request.is_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
  text += "Host: model\r\nX-Id: " + std::to_string(request.id) + "\r\n";
  if (!request.hook.empty()) text += "X-Hook: " + request.hook + "\r\n";
  if (random_.chance(5)) text += "Connection: close\r\n";
  if (!has_content) {
    text += "\r\n";
    return;
  }
  const std::string content = content_of(request.id, request.content_bytes);
  if (random_.chance(15)) text += "Expect: 100-continue\r\n";
  if (request.is_1_0 || random_.chance(70)) {
    text += "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content;
    return;
  }
  text += "Transfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t size = std::min<std::size_t>(content.size() - at, 1 + random_.pick(20'000));
    char line[20];
    std::snprintf(line, sizeof line, "%zx\r\n", size);
    text.append(line).append(content, at, size).append("\r\n");
    at += size;
  }
  text += "0\r\n\r\n";
}

std::size_t Client::outstanding() const {
  return static_cast<std::size_t>(std::count_if(requests_.begin(), requests_.end(),
                                                [](const Sent& sent) { return !sent.is_answered && !sent.is_void; }));
}

Sent* Client::front() {
  const auto found =
      std::find_if(requests_.begin(), requests_.end(), [](const Sent& sent) { return !sent.is_answered; });
  return found != requests_.end() ? &*found : nullptr;
}

void Client::send(std::size_t bytes) {
  if (!is_open()) return;
  const std::size_t count = std::min(bytes, stream_.size() - sent_bytes_);
  if (count == 0) return;
  const std::size_t from = sent_bytes_;
  sent_bytes_ += count;
  for (Sent& request : requests_) {
    if (request.begin >= from && request.begin < sent_bytes_) request.began = machine_.clock.now();
    if (request.end > from && request.end <= sent_bytes_) request.ended = machine_.clock.now();
  }
  peer_.send(std::string_view(stream_).substr(from, count));
}

// What was sent while the server did not read arrives when it does again.
void Client::poke() {
  if (!is_reset_) peer_.send("");
}

void Client::reset() {
  is_reset_ = true;
  peer_.reset();
}

void Client::end_output() {
  if (!is_open()) return;
  has_sent_fin_ = true;
  peer_.end_output();
}

void Client::set_window(std::size_t bytes) {
  if (is_reset_) return;
  if (is_window_limited_ && machine_.clock.now() - window_set_ >= machine_.setup.limits.write_timeout) {
    was_stalled_ = true;
  }
  is_window_limited_ = bytes != SIZE_MAX;
  window_set_ = machine_.clock.now();
  peer_.set_receive_window(bytes);
}

void Client::collect() {
  if (peer_.is_ended() && !peer_.is_reset() && !is_reset_) reader_.end();
  while (true) {
    Sent* const request = front();
    const auto answer = reader_.next(request != nullptr && request->is_head, request != nullptr && request->is_1_0);
    if (!reader_.fault().empty()) return wrong(reader_.fault());
    if (!answer) break;
    if (request == nullptr) return wrong("an answer to nothing: " + std::to_string(answer->status));
    check_answer(*answer);
  }
  if (reader_.processing() > 0 && !has_sent_fin_) wrong("a 102 without a FIN");
}

void Client::check_answer(const Answer& answer) {
  Sent& request = *front();
  if (request.is_void) return wrong("an answer after the one that closes");
  if (request.begin >= sent_bytes_) return wrong("an answer before its request");
  if (answer.id == 0) {
    check_own_refusal(answer, request);
  } else if (answer.id != request.id) {
    return wrong("the answer to request " + std::to_string(answer.id) + " instead of " + std::to_string(request.id));
  } else if (!is_allowed(answer, request)) {
    return wrong("request " + std::to_string(request.id) + " answered with " + std::to_string(answer.status));
  } else if (!is_content_right(answer, request)) {
    return wrong("request " + std::to_string(request.id) + " has the wrong content");
  }
  request.is_answered = true;
  request.status = answer.status;
  if (!answer.closes) return;
  is_closing_ = true;
  for (Sent& later : requests_) later.is_void = !later.is_answered;
}

bool Client::is_content_right(const Answer& answer, const Sent& request) {
  if (answer.status != 200 || request.is_head || request.kind->name == "events") return true;
  const std::string whole = answer_of(request.id, request.answer_bytes);
  // Where the close is the end of the content, a part of it looks like the whole.
  return request.kind->is_stream && request.is_1_0 ? whole.starts_with(answer.body) : answer.body == whole;
}

// Before the head was complete no hook has seen the request.
void Client::check_own_refusal(const Answer& answer, Sent& request) {
  // That of the first counts from the accept.
  const base::TimePoint since = request.begin == 0 ? accepted_ : request.began;
  const bool is_late = machine_.clock.now() - since >= machine_.setup.limits.header_timeout;
  const bool is_right = (answer.status == 400 && has_sent_fin_) || (answer.status == 408 && is_late);
  if (is_fully_sent(request) || !is_right || !answer.closes) {
    wrong("request " + std::to_string(request.id) + " refused with " + std::to_string(answer.status));
  }
}

bool Client::may_time_out(const Sent& request) const {
  const auto own = request.kind->timeout;
  const auto timeout = own > 0ms ? own : machine_.setup.limits.handler_timeout;
  if (machine_.clock.now() - request.began < timeout) return false;
  const bool is_exact =
      machine_.setup.pattern == exec::Pattern::kEventDriven && !request.kind->is_slow && !request.kind->is_hooked;
  return !is_exact || request.sleeps > timeout;
}

bool Client::is_allowed(const Answer& answer, const Sent& request) const {
  const Kind& kind = *request.kind;
  const bool is_event_driven = machine_.setup.pattern == exec::Pattern::kEventDriven;
  const bool is_too_large = kind.body_limit > 0 && request.content_bytes > kind.body_limit;
  switch (answer.status) {
    case 400:
      return has_sent_fin_ && !is_fully_sent(request) && answer.closes;
    case 401:
      return request.hook == "answer";
    case 408:
      return request.content_bytes > 0 && answer.closes && (!is_fully_sent(request) || request.ended > request.began);
    case 413:
      return is_too_large && answer.closes;
    case 503:
      return kind.is_bounded || request.hook == "offload" || (!is_event_driven && kind.name != "nowhere");
    case 504:
      return may_time_out(request) && kind.name != "nowhere";
    default:
      break;
  }
  if (request.hook == "throw" && answer.status == 500) return true;
  const bool is_reached = request.hook != "answer" && request.hook != "throw" && !is_too_large;
  const bool is_complete = is_fully_sent(request) || kind.name == "nowhere";
  // One that breaks off has an end where there is no content to be cut.
  if (kind.name == "write-break" && answer.status == 200) return request.is_head;
  const bool is_status_right =
      std::find(kind.statuses.begin(), kind.statuses.end(), answer.status) != kind.statuses.end();
  const bool is_in_time =
      kind.timeout == 0ms || kind.is_slow || kind.is_hooked || !is_event_driven || request.sleeps < kind.timeout;
  return is_reached && is_complete && is_status_right && is_in_time;
}

void Client::check_end() {
  collect();
  if (!is_reset_ && !peer_.is_ended()) return wrong("the connection is still open");
  const bool is_stalled =
      was_stalled_ || (is_window_limited_ && machine_.clock.now() - window_set_ >= machine_.setup.limits.write_timeout);
  // Who breaks a stream off ends the connection, but not before what came earlier is out.
  const Sent* const next = front();
  const bool is_broken_off = next != nullptr && next->kind->name == "write-break" && next->begin < sent_bytes_;
  const bool is_excused = is_broken_off || is_reset_ || is_closing_ || is_stalled || machine_.is_aborted();
  if (reader_.has_rest() && !is_excused)
    return wrong("a part of an answer: " + std::string(reader_.rest().substr(0, 200)));
  for (const Sent& request : requests_) {
    const bool is_due = request.begin < sent_bytes_ && !request.is_answered && !request.is_void;
    if (is_due && !is_excused) return wrong("request " + std::to_string(request.id) + " has no answer");
  }
}

void Client::wrong(const std::string& what) {
  fail_(what + "\n" + describe());
}

std::string Client::describe() const {
  std::string text = "client: " + std::to_string(sent_bytes_) + " of " + std::to_string(stream_.size()) + " bytes sent";
  if (is_reset_) text += ", reset";
  if (has_sent_fin_) text += ", FIN";
  if (is_closing_) text += ", closing";
  if (peer_.is_ended()) text += ", ended";
  for (const Sent& request : requests_) {
    text += "\n  " + std::to_string(request.id) + " " + std::string(request.kind->name) +
            " in=" + std::to_string(request.content_bytes) + " ms=" + std::to_string(request.sleeps.count()) + " " +
            request.hook + " bytes " + std::to_string(request.begin) + "-" + std::to_string(request.end) +
            (request.is_1_0 ? " 1.0" : "") +
            (request.is_answered ? " " + std::to_string(request.status)
             : request.is_void   ? " void"
                                 : "");
  }
  return text;
}

}  // namespace weir::model
