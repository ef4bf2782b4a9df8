// SPDX-License-Identifier: MIT
// A Transport over a connected socket: TCP or Unix.
#pragma once

#include <weir/loop/loop.hpp>
#include <weir/net/hangup_watcher.hpp>
#include <weir/net/socket.hpp>
#include <weir/net/transport.hpp>

namespace weir::net {

/// Takes a connected, non-blocking stream socket onto `loop`.
///
/// watch_hangup needs `hangups`, the loop's watcher, and does nothing without. A Unix socket's peer that closed is told
/// as broken, and so is TCP's after a reset; a TCP peer that sent FIN may have closed or may still read: only writing
/// to it tells. Once the output was shut down, a FIN of the peer is the end of the input and no break.
///
/// Thread:    loop thread only.
/// Ownership: owns the descriptor, borrows `hangups`. Its memory outlives the destructor until libuv reports the close.
/// Errors:    whatever libuv says of the descriptor.
base::Result<std::unique_ptr<Transport>> make_stream_transport(loop::Loop& loop, Descriptor socket, SocketKind kind,
                                                               HangupWatcher* hangups = nullptr);

}  // namespace weir::net
