// SPDX-License-Identifier: MIT
// A report: work that is too long for a request, so a job writes it.
#pragma once

#include <weir/weir.hpp>

#include <string>

namespace quickstart {

/// What a client asks for.
struct NewReport {
  std::string title;
  int pages = 1;

  static constexpr auto describe() {
    return weir::fields(weir::field<&NewReport::title>(weir::length(1, 200), weir::example("\"Weirs of Europe\"")),
                        weir::field<&NewReport::pages>(weir::range(1, 10'000), weir::example("12")));
  }
};

/// What the job results in.
struct Report {
  std::string title;
  int pages = 0;
  int primes = 0;  ///< On all pages.
};
WEIR_DESCRIBE(Report, title, pages, primes);

}  // namespace quickstart
