// SPDX-License-Identifier: MIT
// The byte budget of a run.
#pragma once

#include <weir/base/machine.hpp>
#include <weir/base/metrics.hpp>
#include <weir/http/byte_budget.hpp>
#include <weir/http/limits.hpp>

namespace weir::app {

inline http::ByteBudget make_byte_budget(const http::Limits& limits, base::Metrics& metrics) {
  const auto bytes = limits.buffered_bytes != 0 ? limits.buffered_bytes : base::available_memory() / 4;
  return {bytes,
          metrics.gauge({"weir_buffered_bytes", "Content, read-ahead and unsent output that is kept for peers."})};
}

}  // namespace weir::app
