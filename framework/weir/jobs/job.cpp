// SPDX-License-Identifier: MIT
#include <weir/jobs/job.hpp>

#include <algorithm>
#include <stdexcept>

namespace weir::jobs {

void detail::read_payload(const std::string& json, const base::described::TypeTable& type, void* target) {
  routing::Failures failures;
  if (routing::read_json(json, type, target, failures)) return;
  std::string why = "the payload does not fit its type";
  if (!failures.kept().empty()) why += ": " + failures.kept().front().where + ": " + failures.kept().front().detail;
  throw UnreadablePayload(why);
}

std::shared_ptr<JobType> JobTable::add(std::string kind) {
  if (kind.empty()) throw std::invalid_argument("a kind of job has a name");
  const bool is_taken =
      std::any_of(types.begin(), types.end(), [&kind](const auto& type) { return type->kind == kind; });
  if (is_taken) throw std::invalid_argument("there is a kind of job '" + kind + "' already");
  types.push_back(std::make_shared<JobType>());
  types.back()->kind = std::move(kind);
  return types.back();
}

}  // namespace weir::jobs
