// SPDX-License-Identifier: MIT
#include <middleware/internal/secret_index.hpp>

#include <algorithm>
#include <array>

namespace weir::middleware::internal {

Digest SecretIndex::salted(const Digest& secret) const {
  std::array<char, 2 * sizeof(Digest)> text{};
  char* const middle = std::copy_n(view_of(salt_).begin(), sizeof(Digest), text.begin());
  std::copy_n(view_of(secret).begin(), sizeof(Digest), middle);
  return sha256({text.data(), text.size()});
}

bool SecretIndex::add(const Digest& secret, const std::string& owner) {
  return owners_.try_emplace(salted(secret), owner).second;
}

const std::string* SecretIndex::find(const Digest& secret) const {
  const auto found = owners_.find(salted(secret));
  return found != owners_.end() ? &found->second : nullptr;
}

}  // namespace weir::middleware::internal
