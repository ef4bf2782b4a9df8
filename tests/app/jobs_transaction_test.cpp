// SPDX-License-Identifier: MIT
// Jobs that are enqueued together with rows of the app's own, in its file.
#include <weir/db/sqlite.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <stdlib.h>

namespace weir::app {
namespace {

struct Mail {
  std::string to;
};
WEIR_DESCRIBE(Mail, to);

class JobsTransactionTest : public testing::Test {
 protected:
  JobsTransactionTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "weir-app-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder");
    folder_ = folder;
    app_.settings().data = folder;
    app_.settings().port = 0;
    app_.settings().has_admin = false;
    app_.settings().log_level = "off";
    app_.start();
    app_.database().transact_and_wait(
        [](db::Connection& connection) { connection.run("CREATE TABLE account(name TEXT PRIMARY KEY)"); });
  }
  ~JobsTransactionTest() override {
    app_.stop();
    std::filesystem::remove_all(folder_);
  }

  /// An account, and a mail to it.
  void open_account(const std::string& name, bool is_broken = false) {
    app_.database().transact_and_wait([&](db::Connection& connection) {
      connection.run("INSERT INTO account(name) VALUES(?)", name);
      mail_.enqueue_in(connection, Mail{name});
      if (is_broken) throw std::runtime_error("broken");
    });
  }
  int count(const std::string& table) {
    int found = 0;
    app_.database().read_and_wait([&](db::Connection& connection) {
      db::Query query = connection.query("SELECT count(*) FROM " + table);
      query.next();
      found = query.get<int>(0);
    });
    return found;
  }
  bool comes_to_pass(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return condition();
  }

  std::filesystem::path folder_;
  Guarded<std::vector<std::string>> sent_{std::vector<std::string>()};
  App app_{"accounts"};
  jobs::Job<Mail, void> mail_ =
      app_.job<Mail>("mail").handle([this](const Mail& mail) { sent_.lock()->push_back(mail.to); });
};

TEST_F(JobsTransactionTest, BothAreThere) {
  open_account("ada");
  EXPECT_EQ(count("account"), 1);
  EXPECT_TRUE(comes_to_pass([this] { return count("job_done") == 1; }));
  EXPECT_EQ(*sent_.lock(), std::vector<std::string>{"ada"});
}

TEST_F(JobsTransactionTest, NeitherIsThere) {
  EXPECT_THROW(open_account("ada", true), std::runtime_error);
  EXPECT_EQ(count("account"), 0);
  EXPECT_EQ(count("job") + count("job_done"), 0);
}

TEST_F(JobsTransactionTest, WhatIsRefusedLeavesTheOthers) {
  open_account("ada");
  EXPECT_THROW(open_account("ada"), db::DatabaseError);
  open_account("eve");
  EXPECT_EQ(count("account"), 2);
  EXPECT_TRUE(comes_to_pass([this] { return count("job_done") == 2; }));
}

}  // namespace
}  // namespace weir::app
