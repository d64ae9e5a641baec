// A store in a directory of its own, on simulated time, with one person in one team.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "purser/base/env.h"
#include "purser/store/store.h"

namespace purser::store {

class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "purser_store_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} +
                                std::chrono::hours(15)};

inline Nanos usd(std::int64_t whole) { return Nanos{whole * kNanosPerUsd}; }
inline Nanos cents(std::int64_t count) { return Nanos{count * kNanosPerUsd / 100}; }

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    options.directory = directory.path() + "/data";
    options.settle_linger = {};  // one at a time: nothing else would come
    who.user = make_id(env);
    who.team = make_id(env);
    who.membership = make_id(env);
    who.key = make_id(env);
    who.provider = "openai";
    who.asked_model = "gpt-5";
    who.format = "openai_chat";
  }

  void open() {
    auto opened = Store::open(options, env);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
  }
  // Opens and makes the key, at version 2.
  void open_with_key() {
    open();
    const auto made = store->change([&](Change& change) -> Result<void> {
      add_key(change, who.key);
      return {};
    });
    ASSERT_TRUE(made) << made.error().message;
  }
  static void add_key(Change& change, const Id& key) {
    change.sql().run("INSERT INTO keys (workspace, id) VALUES (?1, ?2)", {change.workspace(), key});
    change.raise_identity_version(key);
  }
  void reopen() {
    store.reset();
    open();
  }

  ledger::Scope workspace_scope() const {
    return {ledger::ScopeKind::workspace, store->workspace()};
  }
  ledger::Scope user_scope() const { return {ledger::ScopeKind::user, who.user}; }
  ledger::Scope team_scope() const { return {ledger::ScopeKind::team, who.team}; }
  ledger::Scope membership_scope() const { return {ledger::ScopeKind::membership, who.membership}; }

  Result<Id> set_cap(const ledger::Scope& scope, Nanos limit, Period period = Period::month,
                     ledger::Enforcement enforcement = ledger::Enforcement::hard) {
    Id made;
    const auto changed = store->change([&](Change& change) -> Result<void> {
      auto cap = change.set_cap({scope, period, enforcement, limit, {}}, admin, "a test");
      if (!cap) return cap.error();
      made = *cap;
      return {};
    });
    if (!changed) return changed.error();
    return made;
  }
  Result<ledger::Outcome> change_caps(const ledger::Command& command) {
    ledger::Outcome outcome;
    const auto changed = store->change([&](Change& change) -> Result<void> {
      auto applied = change.apply(command, admin, "a test");
      if (!applied) return applied.error();
      outcome = *applied;
      return {};
    });
    if (!changed) return changed.error();
    return outcome;
  }

  ReserveRequest reserve_request(Nanos bound) {
    ReserveRequest request;
    request.reserve.request = make_id(env);
    request.reserve.scopes = scopes_of(store->workspace(), who);
    request.reserve.forms.push_back(bound);
    request.reserve.smallest = bound;
    request.attribution = who;
    request.identity_version = 2;
    request.price_id = "openai/gpt-5";
    request.price_version = "2026-11-01";
    request.explanation = "{}";
    return request;
  }
  template <typename Request>
  CommandResult run(Request request) {
    std::promise<CommandResult> answer;
    EXPECT_TRUE(store->submit(
        std::move(request), [&](CommandResult&& result) { answer.set_value(std::move(result)); }));
    return answer.get_future().get();
  }
  CommandResult reserve(Nanos bound, Id* request = nullptr) {
    ReserveRequest made = reserve_request(bound);
    if (request != nullptr) *request = made.reserve.request;
    return run(std::move(made));
  }
  static SettleRequest settle_request(const Id& request, Nanos cost) {
    SettleRequest settle;
    settle.request = request;
    settle.cost = cost;
    settle.counts.tokens = {100, 20, 3, 4, 50, 6, 7, 8};
    settle.counts.fee_calls = {2};
    settle.counts.reasoning_tokens = 30;
    settle.counts.tool_calls = 1;
    settle.actual_model = "gpt-5-2026-08-07";
    settle.status = 200;
    settle.ending = "complete";
    return settle;
  }
  CommandResult settle(const Id& request, Nanos cost) { return run(settle_request(request, cost)); }
  // A request from its reserve to its settle.
  Id spend(Nanos cost) {
    Id request;
    EXPECT_EQ(reserve(cost, &request).outcome.decision, ledger::Decision::granted);
    EXPECT_EQ(settle(request, cost).status, StoreStatus::done);
    return request;
  }

  ledger::Account account(const ledger::Scope& scope, std::size_t index = 0) {
    const auto caps = store->caps({scope});
    EXPECT_GT(caps.size(), index);
    return index < caps.size() ? caps[index].account : ledger::Account{};
  }
  std::int64_t integer(std::string_view sql, std::initializer_list<Param> params = {}) {
    std::int64_t value = 0;
    store->read([&](Sql& reading) {
      reading.each(sql, params, [&](const Row& row) { value = row.integer(0); });
    });
    return value;
  }
  // What is in the file adds up. Closes and opens again.
  void expect_clean() {
    store.reset();
    const auto report = verify(options.directory);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->problems, ::testing::IsEmpty());
    open();
  }

  TempDirectory directory;
  ManualEnv env{kStart, 7};
  StoreOptions options;
  Attribution who;
  Actor admin{{}, "Ada Admin"};
  std::unique_ptr<Store> store;
};

}  // namespace purser::store
