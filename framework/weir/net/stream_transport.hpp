// SPDX-License-Identifier: MIT
// A Transport over a connected socket: TCP or Unix.
#pragma once

#include <weir/loop/loop.hpp>
#include <weir/net/socket.hpp>
#include <weir/net/transport.hpp>

namespace weir::net {

/// Takes a connected, non-blocking stream socket onto `loop`.
///
/// Thread:    loop thread only.
/// Ownership: owns the descriptor. Its memory outlives the destructor until libuv reports the close.
/// Errors:    whatever libuv says of the descriptor.
base::Result<std::unique_ptr<Transport>> make_stream_transport(loop::Loop& loop, Descriptor socket, SocketKind kind);

}  // namespace weir::net
