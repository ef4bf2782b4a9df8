// SPDX-License-Identifier: MIT
// What the database refuses, as an exception.
#pragma once

#include <stdexcept>
#include <string>

namespace weir::db {

/// What a caller can do about it.
enum class ErrorKind : unsigned char {
  kConstraint,   ///< A rule of the schema: a key twice, a missing value.
  kFull,         ///< No room: on the disk, or within the reserve that is kept free.
  kIo,           ///< The disk failed; whether a write that was under way is there is not known.
  kBusy,         ///< Too much waits already, or another program holds the file.
  kInterrupted,  ///< It took longer than it may.
  kDenied,       ///< Not allowed here: transaction control, a write through a reader.
  kUnusable,     ///< The file is no database, damaged, or of a newer version.
  kStatement,    ///< The statement is wrong: syntax, no such table, a value of the wrong type.
};

/// Thread: any.
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace weir::db
