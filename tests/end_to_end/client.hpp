// SPDX-License-Identifier: MIT
// A blocking HTTP client of a few lines that tells exactly how an answer came or did not come.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::test {

enum class Ending : unsigned char {
  kAnswered,   ///< A whole answer.
  kClosed,     ///< FIN, not a byte before it.
  kReset,      ///< RST or a write error, not a byte before it.
  kTruncated,  ///< Something of an answer, then an end.
  kTimeout,
};

struct Answer {
  Ending ending = Ending::kTimeout;
  int status = 0;
  std::string head;
  std::string body;
  bool is_closing() const { return head.find("\r\nConnection: close\r\n") != std::string::npos; }
};

/// Thread: one at a time.
class Client {
 public:
  /// Connects; `is_connected` tells whether it worked.
  explicit Client(std::uint16_t port);
  explicit Client(const std::string& unix_path);
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;
  ~Client();

  bool is_connected() const { return fd_ >= 0; }
  /// Sends all of it; false when the connection is broken.
  bool send(std::string_view bytes);
  /// Reads the next answer, interim ones (100) included.
  Answer receive();
  /// `receive` after a GET.
  Answer get(std::string_view target);
  /// Waits until the server closes: kClosed, kReset, or kTimeout; kTruncated when bytes came.
  Ending wait_for_end();

 private:
  enum class Read : unsigned char { kBytes, kEnd, kReset, kTimeout };
  Read read_more();
  Ending ending_of(Read read) const;

  int fd_ = -1;
  std::string unread_;
};

}  // namespace weir::test
