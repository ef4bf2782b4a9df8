// An example to replace by your own: what it costs to send a parcel, and the labels to put on parcels.
#include "routes.hpp"

#include <middleware/access_log.hpp>
#include <middleware/request_id.hpp>
#include <middleware/security_headers.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace my_service {
namespace {

using namespace std::chrono_literals;

// ---- what clients send and get back: each is read, checked, written and documented from its one declaration ----

enum class Zone { kHome, kEurope, kWorld };
constexpr auto describe(const Zone*) {
  return weir::enumerators(weir::enumerator<Zone::kHome>("home"), weir::enumerator<Zone::kEurope>("europe"),
                           weir::enumerator<Zone::kWorld>("world"));
}

struct Parcel {
  int weight_g = 0;
  std::optional<std::string> contents;

  static constexpr auto describe() {
    return weir::fields(weir::field<&Parcel::weight_g>(weir::range(1, 30'000), weir::example("1200")),
                        weir::field<&Parcel::contents>(weir::length(1, 100), weir::example("\"books\"")));
  }
};

struct Quote {
  Zone zone = Zone::kHome;
  bool express = false;
  int cents = 0;
};
WEIR_DESCRIBE(Quote, zone, express, cents);  // the shorthand without rules

struct LabelOrder {
  Zone zone = Zone::kHome;
  int count = 1;

  static constexpr auto describe() {
    return weir::fields(weir::field<&LabelOrder::zone>(),
                        weir::field<&LabelOrder::count>(weir::range(1, 1000), weir::example("3")));
  }
};

struct Labels {
  std::vector<std::string> labels;
};
WEIR_DESCRIBE(Labels, labels);

// ---- what the service does ----

int cents_to(Zone zone) {
  switch (zone) {
    case Zone::kHome:
      return 400;
    case Zone::kEurope:
      return 900;
    case Zone::kWorld:
      return 1900;
  }
  return 0;
}

Quote quote(Zone zone, bool is_express, const Parcel& parcel) {
  const int cents = cents_to(zone) + parcel.weight_g / 10;
  return {.zone = zone, .express = is_express, .cents = is_express ? 2 * cents : cents};
}

// Jobs run at least once, and again after a crash: what they do has to bear that. This one only makes its result.
Labels print_labels(const LabelOrder& order, weir::JobContext& job) {
  Labels printed;
  for (int number = 1; number <= order.count; ++number) {
    job.throw_if_stopped();
    printed.labels.push_back(job.id() + "-" + std::to_string(number));
    job.progress(double(number) / order.count, "label " + std::to_string(number));
  }
  return printed;
}

}  // namespace

void declare_routes(weir::App& app) {
  app.use(weir::middleware::RequestId{});
  app.use(weir::middleware::AccessLog{});
  app.use(weir::middleware::SecurityHeaders{});

  app.get("/").handle([] { return "my-service is running. Its routes are described at /docs\n"; });

  app.post("/quotes/{zone}")
      .summary("What it costs to send a parcel")
      .handle([](weir::Path<"zone", Zone> zone, weir::Query<"express", bool, false> express,
                 weir::Body<Parcel> parcel) { return quote(*zone, *express, *parcel); });

  // 202 once the job is on disk; GET the Location to see how it goes, DELETE it to cancel.
  const auto labels =
      app.job<LabelOrder>("print-labels").queue("labels").max_attempts(5).timeout(60s).handle(print_labels);
  app.post("/labels").summary("Prints labels, later").as_job(labels);
}

}  // namespace my_service
