// SPDX-License-Identifier: MIT
#include <weir/jobs/job_context.hpp>

#include <algorithm>
#include <utility>

namespace weir::jobs {

void JobContext::progress(double part, std::string_view text) {
  const std::lock_guard lock(mutex_);
  progress_ = std::clamp(part, 0.0, 1.0);
  progress_text_ = text;
}

void JobContext::save_checkpoint(std::string data) {
  const std::lock_guard lock(mutex_);
  checkpoint_ = std::move(data);
}

std::optional<Report::Said> JobContext::take_report() {
  const std::lock_guard lock(mutex_);
  if (!progress_ && !checkpoint_) return std::nullopt;
  Report::Said said;
  said.id = job_.id;
  said.claim = job_.claim;
  said.progress = std::exchange(progress_, std::nullopt);
  said.text = progress_text_;
  said.checkpoint = std::exchange(checkpoint_, std::nullopt);
  return said;
}

void JobContext::put_back(Report::Said said) {
  const std::lock_guard lock(mutex_);
  if (!progress_ && said.progress) {
    progress_ = said.progress;
    progress_text_ = std::move(said.text);
  }
  if (!checkpoint_) checkpoint_ = std::move(said.checkpoint);
}

}  // namespace weir::jobs
