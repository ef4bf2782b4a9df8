// SPDX-License-Identifier: MIT
#include <middleware/internal/jwks_file.hpp>

#include <weir/loop/files.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/off_loop.hpp>

#include <openssl/crypto.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace weir::middleware::internal {
namespace {

// To check keys takes milliseconds each.
struct Parsing {
  std::string text;
  base::Result<JwtKeySet> keys = base::Error(base::ErrorCode::kInvalidArgument, "it was not read");
  Digest digest{};

  static void run(void* self) {
    auto& parsing = *static_cast<Parsing*>(self);
    parsing.digest = sha256(parsing.text);
    parsing.keys = JwtKeySet::from_jwks(parsing.text);
  }
  static void run_beside(void* self) {
    run(self);
    // The pool's threads end after OpenSSL has cleaned up: what it keeps for this one would be left over.
    OPENSSL_thread_stop();
  }
};

}  // namespace

base::Result<LoadedJwks> load_jwks(const std::string& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such file");
  }
  Parsing parsing;
  parsing.text.resize(kJwksBytesMax + 1);
  std::ifstream file(path, std::ios::binary);
  file.read(parsing.text.data(), static_cast<std::streamsize>(parsing.text.size()));
  if (file.bad() || !file.eof()) {
    return base::Error(base::ErrorCode::kInvalidArgument, "it cannot be read, or has more than 256 KiB");
  }
  parsing.text.resize(static_cast<std::size_t>(file.gcount()));
  Parsing::run(&parsing);
  if (!parsing.keys) return std::move(parsing.keys).error();
  return LoadedJwks{std::make_shared<const JwtKeySet>(std::move(parsing.keys).value()), parsing.digest, std::nullopt};
}

loop::Task<base::Result<LoadedJwks>> reload_jwks(std::string path, LoadedJwks known) {
  const loop::Files files(loop::Loop::current());
  base::Result<loop::File> opened = co_await files.try_open(path, loop::FileMode::kRead);
  if (!opened) co_return std::move(opened).error();
  const loop::FileStatus status = opened->status_when_opened();
  if (known.status && *known.status == status) co_return known;
  // Opened once more. If the file has been replaced in between, the next turn finds that `status` is not its own.
  base::Result<std::string> text = co_await files.try_read(path, kJwksBytesMax);
  if (!text) co_return std::move(text).error();
  Parsing parsing;
  parsing.text = std::move(text).value();
  co_await loop::off_loop(&Parsing::run_beside, &parsing);
  if (parsing.digest == known.digest) {
    known.status = status;
    co_return known;
  }
  if (!parsing.keys) co_return std::move(parsing.keys).error();
  co_return LoadedJwks{std::make_shared<const JwtKeySet>(std::move(parsing.keys).value()), parsing.digest, status};
}

}  // namespace weir::middleware::internal
