// SPDX-License-Identifier: MIT
#include <weir/routing/multipart.hpp>

#include <weir/http/multipart_parser.hpp>

#include <functional>

namespace weir::routing {
namespace {

/// Collects parts as views of the whole content. The parser hands on most of it as it lies there, and the beginning of
/// what looked like a delimiter from a copy of its own.
class PartCollector final : public http::MultipartEvents {
 public:
  PartCollector(Context& context, std::string_view content, std::vector<Multipart::Part>& parts)
      : context_(context), content_(content), parts_(parts) {}

 private:
  void on_part(http::PartHead head) override {
    parts_.push_back({std::move(head.name), std::move(head.filename), std::move(head.content_type), {}});
    begin_ = nullptr;
    bytes_ = 0;
    copy_.clear();
  }
  void on_content(std::string_view bytes) override {
    const std::less<const char*> before;
    const bool lies_there =
        !before(bytes.data(), content_.data()) && before(bytes.data(), content_.data() + content_.size());
    if (begin_ == nullptr && lies_there) begin_ = bytes.data() - bytes_;
    if (begin_ == nullptr) copy_ += bytes;
    bytes_ += bytes.size();
  }
  void on_part_end() override {
    parts_.back().content = begin_ != nullptr ? std::string_view(begin_, bytes_) : context_.keep(std::move(copy_));
  }

  Context& context_;
  std::string_view content_;
  std::vector<Multipart::Part>& parts_;
  const char* begin_ = nullptr;  // of the part at hand
  std::size_t bytes_ = 0;
  std::string copy_;  // of a part none of which was handed on as it lies there: shorter than a delimiter
};

}  // namespace

Multipart Extract<Multipart>::read(Context& context, Failures& failures) {
  Multipart multipart;
  const std::string_view content_type = context.header("content-type").value_or("");
  const auto boundary = http::multipart_boundary(content_type);
  if (!boundary) {
    const bool has_type = http::is_multipart_form(content_type);
    failures.add(
        {Place::kHeader,
         "Content-Type",
         "content-type",
         has_type ? "The multipart/form-data has no valid boundary." : "The content has to be multipart/form-data.",
         {},
         has_type ? 400 : 415});
    return multipart;
  }
  PartCollector collector(context, context.body(), multipart.parts_);
  http::MultipartParser parser(*boundary, {}, collector);
  if (parser.parse(context.body()) != http::MultipartParser::Step::kComplete) {
    const http::Refusal& refusal = parser.refusal();
    failures.add({Place::kForm, "", refusal.reason, std::string(refusal.detail), {}, refusal.status});
  }
  return multipart;
}

}  // namespace weir::routing
