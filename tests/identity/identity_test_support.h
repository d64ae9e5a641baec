// A real store in a directory of its own, on simulated time, with the demo workspace in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>

#include "purser/identity/demo.h"
#include "purser/identity/key_ring.h"
#include "purser/identity/keys.h"
#include "purser/identity/labels.h"
#include "purser/identity/memberships.h"
#include "purser/identity/projects.h"
#include "purser/identity/teams.h"
#include "purser/identity/templates.h"
#include "purser/identity/users.h"
#include "purser/store/store.h"

namespace purser::identity {

inline constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} +
                                std::chrono::hours(15)};

inline Nanos usd(std::int64_t whole) { return Nanos{whole * kNanosPerUsd}; }

class IdentityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "purser_identity_XXXXXX").string();
    directory = mkdtemp(pattern.data());
    open();
    ring = std::make_unique<KeyRing>(*store, env, std::string(32, 'k'));
  }
  void TearDown() override {
    ring.reset();
    store.reset();
    std::filesystem::remove_all(directory);
  }
  void open() {
    store::StoreOptions options;
    options.directory = directory;
    auto opened = store::Store::open(options, env);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
  }
  void seed() {
    auto seeded = seed_demo(*store, *ring, env);
    ASSERT_TRUE(seeded) << seeded.error().message;
    demo = *seeded;
  }
  const SeededPerson& person(std::string_view email) const {
    for (const auto& one : demo.people) {
      if (one.email == email) return one;
    }
    ADD_FAILURE() << email;
    return demo.people.front();
  }

  // Runs one change and gives its error's code; "" where it went through.
  template <typename Body>
  std::string change(const Body& body) {
    auto changed = store->change([&](store::Change& c) -> Result<void> {
      auto result = body(c);
      if (!result) return result.error();
      return {};
    });
    return changed ? "" : changed.error().code;
  }
  template <typename Body>
  void read(const Body& body) {
    store->read([&](store::Sql& sql) { body(sql); });
  }
  Id user_id(std::string_view who) {
    Id id;
    read([&](store::Sql& sql) {
      auto found = find_user(sql, store->workspace(), who);
      ASSERT_TRUE(found) << found.error().message;
      id = found->id;
    });
    return id;
  }
  Id team_id(std::string_view name) {
    Id id;
    read([&](store::Sql& sql) {
      auto found = find_team(sql, store->workspace(), name);
      ASSERT_TRUE(found) << found.error().message;
      id = found->id;
    });
    return id;
  }
  std::vector<store::CapStatus> caps_of(const Id& user) {
    ledger::ScopeList scopes;
    scopes.push_back({ledger::ScopeKind::user, user});
    return store->caps(scopes);
  }
  std::string all_audit() {
    std::string all;
    read([&](store::Sql& sql) {
      sql.each(
          "SELECT action, target, from_value, to_value, reason FROM audit WHERE workspace = ?1 "
          "ORDER BY sequence",
          {store->workspace()}, [&](const store::Row& row) {
            for (int i = 0; i < 5; ++i) all += std::string(row.text(i)) + " ";
            all += "\n";
          });
    });
    return all;
  }
  // A reserve as the gateway makes it: refused as stale where the principal is old.
  store::StoreStatus reserve(const Principal& who) {
    store::Attribution attribution;
    attribution.user = who.user;
    attribution.team = who.team;
    attribution.membership = who.membership;
    attribution.key = who.key;
    attribution.provider = "openai";
    attribution.asked_model = "gpt-5";
    attribution.format = "openai_chat";
    store::ReserveRequest request;
    request.reserve.request = make_id(env);
    request.reserve.scopes = store::scopes_of(store->workspace(), attribution);
    request.reserve.forms.push_back(usd(1));
    request.reserve.smallest = usd(1);
    request.attribution = attribution;
    request.identity_version = who.identity_version;
    request.explanation = "{}";
    std::promise<store::StoreStatus> answer;
    EXPECT_TRUE(store->submit(std::move(request), [&](store::CommandResult&& result) {
      answer.set_value(result.status);
    }));
    return answer.get_future().get();
  }

  ManualEnv env{kStart, 11};
  std::string directory;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<KeyRing> ring;
  Demo demo;
  ChangedBy by{{Id{}, "test"}, "a test"};
};

}  // namespace purser::identity
