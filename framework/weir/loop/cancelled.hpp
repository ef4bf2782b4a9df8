// SPDX-License-Identifier: MIT
// What an awaitable throws when it was asked to stop waiting.
#pragma once

namespace weir::loop {

/// Unwinds a coroutine whose request was asked to stop: its client left, its time was up, the service ends. No
/// std::exception, so that a handler's `catch (const std::exception&)` does not swallow it.
class Cancelled {};

}  // namespace weir::loop
