// SPDX-License-Identifier: MIT
// What stores answer, as text: as much of it as the contract settles.
#pragma once

#include <weir/jobs/store.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace weir::jobs {

/// Failures that a test reports begin like this; other words are a store's own.
inline constexpr const char* kSaid = "said ";

/// The place of a worker in the test's list, by its number in one store.
using PlaceOf = std::function<std::size_t(std::int64_t)>;

std::string text_of(const JobRecord& record);
std::string text_of(const Enqueue& work, const PlaceOf& place_of);
std::string text_of(const Claim& work, const PlaceOf& place_of);
std::string text_of(const Finish& work, const PlaceOf& place_of);
std::string text_of(const Report& work, const PlaceOf& place_of);
std::string text_of(const Cancel& work, const PlaceOf& place_of);
std::string text_of(const Retry& work, const PlaceOf& place_of);
std::string text_of(const Pause& work, const PlaceOf& place_of);
std::string text_of(const RegisterWorker& work, const PlaceOf& place_of);
std::string text_of(const Beat& work, const PlaceOf& place_of);
std::string text_of(const RemoveWorker& work, const PlaceOf& place_of);
std::string text_of(const Rescue& work, const PlaceOf& place_of);
std::string text_of(const Purge& work, const PlaceOf& place_of);
std::string text_of(const Find& work, const PlaceOf& place_of);
std::string text_of(const List& work, const PlaceOf& place_of);
std::string text_of(const Stats& work, const PlaceOf& place_of);

}  // namespace weir::jobs
