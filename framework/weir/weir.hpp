// SPDX-License-Identifier: MIT
// All that a service needs: #include <weir/weir.hpp>. Brings in neither nlohmann/json nor spdlog nor a C library.
#pragma once

#include <weir/app/app.hpp>
#include <weir/base/units.hpp>
#include <weir/exec/offload.hpp>
#include <weir/http/json_text.hpp>
#include <weir/http/problem.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/sleep.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/body_stream.hpp>
#include <weir/routing/event_stream.hpp>
#include <weir/routing/http_error.hpp>
#include <weir/routing/stream_writer.hpp>

namespace weir {

using app::App;
using app::Settings;
using app::StartError;
using exec::Pattern;
using exec::Pool;
using exec::PoolOptions;
using exec::Saturated;
using http::array;
using http::JsonText;
using http::object;
using http::Outcome;
using http::problem;
using http::Request;
using http::Response;
using loop::Cancelled;
using loop::sleep;
using loop::Task;
using routing::BodyStream;
using routing::Context;
using routing::Event;
using routing::EventStream;
using routing::Extract;
using routing::Group;
using routing::HttpError;
using routing::IntoResponse;
using routing::SetupError;
using routing::StreamWriter;

inline namespace literals {
using namespace base::literals;  // 64_KiB
}  // namespace literals

}  // namespace weir
