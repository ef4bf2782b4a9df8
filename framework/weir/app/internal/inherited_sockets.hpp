// SPDX-License-Identifier: MIT
// Sockets that a service manager opened for this process.
#pragma once

#include <weir/base/error.hpp>
#include <weir/net/socket.hpp>

#include <vector>

namespace weir::app {

/// The listening sockets of LISTEN_FDS, if LISTEN_PID names this process; takes both variables out of the environment,
/// so that neither a child nor a second start takes them again.
///
/// Thread: before threads run that read the environment.
/// Errors: kInvalidArgument for a malformed count or a descriptor that does not listen.
/// Source: sd_listen_fds(3).
base::Result<std::vector<net::Descriptor>> take_inherited_sockets();

}  // namespace weir::app
