// SPDX-License-Identifier: MIT
// All that a service needs: #include <weir/weir.hpp>. Brings in neither nlohmann/json nor spdlog nor a C library.
#pragma once

#include <weir/app/app.hpp>
#include <weir/base/described/table.hpp>
#include <weir/base/guarded.hpp>
#include <weir/base/units.hpp>
#include <weir/exec/offload.hpp>
#include <weir/http/client/bound_client.hpp>
#include <weir/http/json_text.hpp>
#include <weir/http/problem.hpp>
#include <weir/loop/async_semaphore.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/channel.hpp>
#include <weir/loop/completion_source.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/loop/files.hpp>
#include <weir/loop/per_loop.hpp>
#include <weir/loop/sleep.hpp>
#include <weir/loop/task.hpp>
#include <weir/loop/when_all.hpp>
#include <weir/loop/when_any.hpp>
#include <weir/loop/with_timeout.hpp>
#include <weir/routing/body.hpp>
#include <weir/routing/body_stream.hpp>
#include <weir/routing/event_stream.hpp>
#include <weir/routing/http_error.hpp>
#include <weir/routing/multipart.hpp>
#include <weir/routing/parameters.hpp>
#include <weir/routing/state.hpp>
#include <weir/routing/stream_writer.hpp>

namespace weir {

using app::App;
using app::Settings;
using app::StartError;
using base::Bounded;
using base::FromText;
using base::Guarded;
using base::OneOf;
using base::Tagged;
using base::Uuid;
using base::described::check;
using base::described::defaulted;
using base::described::deprecated;
using base::described::enumerator;
using base::described::enumerators;
using base::described::example;
using base::described::field;
using base::described::fields;
using base::described::format;
using base::described::items;
using base::described::length;
using base::described::maximum;
using base::described::minimum;
using base::described::multiple_of;
using base::described::named;
using base::described::pattern;
using base::described::range;
using base::described::summary;
using base::described::unique;
using exec::Pattern;
using exec::Pool;
using exec::PoolOptions;
using exec::Saturated;
using http::array;
using http::ClientError;
using http::ClientRequest;
using http::ClientResponse;
using http::JsonText;
using http::object;
using http::Outcome;
using http::problem;
using http::Request;
using http::Response;
using jobs::Durability;
using jobs::Job;
using jobs::JobContext;
using jobs::JobId;
using jobs::JobState;
using loop::AsyncSemaphore;
using loop::Cancelled;
using loop::Channel;
using loop::completion;
using loop::FileError;
using loop::PerLoop;
using loop::sleep;
using loop::Task;
using loop::TimedOut;
using loop::try_with_timeout;
using loop::when_all;
using loop::when_any;
using loop::with_timeout;
using routing::ApiDocs;
using routing::Body;
using routing::BodyStream;
using routing::Bytes;
using routing::Context;
using routing::Cookie;
using routing::Created;
using routing::Event;
using routing::EventStream;
using routing::Extract;
using routing::Failures;
using routing::Form;
using routing::Group;
using routing::Header;
using routing::HttpError;
using routing::IntoResponse;
using routing::Multipart;
using routing::Path;
using routing::Query;
using routing::SetupError;
using routing::State;
using routing::StreamWriter;

inline namespace literals {
using namespace base::literals;  // 64_KiB
}  // namespace literals

}  // namespace weir
