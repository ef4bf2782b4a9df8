// SPDX-License-Identifier: MIT
// The tables of a store in SQLite, and how an older file becomes a newer one.
#pragma once

namespace weir::db {
class Connection;
}

namespace weir::jobs::internal {

/// What this program reads and writes.
inline constexpr int kSchemaVersion = 1;

/// Brings the file to kSchemaVersion, within the caller's transaction: killed at any moment, it is as it was or as it
/// is to be.
/// Errors: DatabaseError (kUnusable) when the file is of a newer version.
void migrate(db::Connection& connection);

}  // namespace weir::jobs::internal
