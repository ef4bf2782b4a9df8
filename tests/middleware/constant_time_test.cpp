// SPDX-License-Identifier: MIT
#include <middleware/internal/constant_time.hpp>

#include <middleware/internal/secret_index.hpp>

#include <gtest/gtest.h>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <string>
#include <vector>

namespace weir::middleware::internal {
namespace {

std::string hex_of(const Digest& digest) {
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

TEST(ConstantTimeTest, DigestsAreThoseOfTheStandard) {
  EXPECT_EQ(hex_of(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ConstantTimeTest, ADigestIsReadFromItsHexadecimalDigits) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(parse_digest(hex_of(digest)), digest);
  EXPECT_EQ(parse_digest(hex_of(digest).substr(1)), std::nullopt);
  EXPECT_EQ(parse_digest(hex_of(digest) + "0"), std::nullopt);
  EXPECT_EQ(parse_digest("g" + hex_of(digest).substr(1)), std::nullopt);
}

TEST(ConstantTimeTest, ADigestDiffersByAnyOfItsBytes) {
  const Digest digest = sha256("abc");
  for (std::size_t i = 0; i < digest.size(); ++i) {
    Digest other = digest;
    other[i] ^= 1U;
    EXPECT_FALSE(equal_digests(digest, other)) << i;
  }
}

/// The instructions of `work`, counted one by one in a process of its own; -1 where the system does not let us.
template <class F>
long count_instructions(F work) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(1);
    ::raise(SIGSTOP);
    work();
    ::raise(SIGSTOP);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  long count = -1;
  if (WIFSTOPPED(status)) {
    do {
      ++count;
      ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
      ::waitpid(child, &status, 0);
    } while (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }
  return count;
}

TEST(ConstantTimeTest, AComparisonTakesAsManyInstructionsWhereverTheTwoDiffer) {
  const Digest secret = sha256("secret");
  std::vector<Digest> guesses{secret};
  for (const std::size_t place : {0, 1, 15, 31}) {
    guesses.push_back(secret);
    guesses.back()[place] ^= 1U;
  }
  volatile bool is_equal = equal_digests(secret, secret);  // the loader has done its part
  std::set<long> counts;
  std::set<long> counts_of_a_leak;  // that a difference would be seen
  for (const Digest& guess : guesses) {
    counts.insert(count_instructions([&] { is_equal = equal_digests(secret, guess); }));
    counts_of_a_leak.insert(count_instructions([&] {
      std::size_t same = 0;
      while (same < secret.size() && secret[same] == guess[same]) ++same;
      is_equal = same == secret.size();
    }));
  }
  if (counts.contains(-1)) GTEST_SKIP() << "this system does not let a test count instructions";
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts_of_a_leak.size(), guesses.size());
}

TEST(SecretIndexTest, ASecretsOwnerIsFound) {
  SecretIndex index;
  EXPECT_TRUE(index.add(sha256("one"), "ann"));
  EXPECT_TRUE(index.add(sha256("two"), "bob"));
  ASSERT_NE(index.find(sha256("two")), nullptr);
  EXPECT_EQ(*index.find(sha256("two")), "bob");
  EXPECT_EQ(index.find(sha256("three")), nullptr);
}

TEST(SecretIndexTest, ASecretHasOneOwner) {
  SecretIndex index;
  EXPECT_TRUE(index.add(sha256("one"), "ann"));
  EXPECT_FALSE(index.add(sha256("one"), "bob"));
  EXPECT_EQ(*index.find(sha256("one")), "ann");
  EXPECT_EQ(index.size(), 1U);
}

TEST(SecretIndexTest, ADigestsNeighboursAreNotFound) {
  SecretIndex index;
  const Digest digest = sha256("one");
  index.add(digest, "ann");
  for (std::size_t i = 0; i < digest.size(); ++i) {
    Digest other = digest;
    other[i] ^= 1U;
    EXPECT_EQ(index.find(other), nullptr) << i;
  }
}

TEST(SecretIndexTest, ACopyFindsTheSame) {
  SecretIndex index;
  index.add(sha256("one"), "ann");
  const SecretIndex copy = index;
  ASSERT_NE(copy.find(sha256("one")), nullptr);
}

}  // namespace
}  // namespace weir::middleware::internal
