#include "purser/identity/raise_requests.h"

#include "identity_test_support.h"

namespace purser::identity {
namespace {

using ::testing::HasSubstr;

class RaiseRequestsTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    seed();
    sam = {{user_id("sam@example.com"), "sam@example.com"}, "the release"};
    ada = {{user_id("ada@example.com"), "ada@example.com"}, ""};
    cap = caps_of(sam.actor.user).at(0).cap.id;
  }
  Id ask(const Id& about, const std::optional<Nanos>& limit = std::nullopt) {
    Id id;
    EXPECT_EQ(change([&](store::Change& c) -> Result<void> {
                auto asked = ask_for_raise(c, about, limit, sam);
                if (!asked) return asked.error();
                id = *asked;
                return {};
              }),
              "");
    return id;
  }
  RaiseRequest load(const Id& id) {
    RaiseRequest found;
    read([&](store::Sql& sql) {
      auto one = load_raise_request(sql, store->workspace(), id);
      ASSERT_TRUE(one) << one.error().message;
      found = *one;
    });
    return found;
  }
  std::int64_t events_of(store::EventKind kind) {
    std::int64_t count = 0;
    read([&](store::Sql& sql) {
      sql.each("SELECT count(*) FROM outbox WHERE workspace = ?1 AND kind = ?2",
               {store->workspace(), static_cast<int>(kind)},
               [&](const store::Row& row) { count = row.integer(0); });
    });
    return count;
  }

  ChangedBy sam, ada;
  Id cap;
};

TEST_F(RaiseRequestsTest, ExpiryIsPutOnRecordOnce) {
  const Id id = ask(cap);
  auto none = expire_raise_requests(*store, store->ledger_now());
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, 0u);
  env.advance(kRaiseRequestLife);
  EXPECT_EQ(load(id).state, RaiseRequestState::open);
  EXPECT_EQ(load(id).state_at(store->ledger_now()), RaiseRequestState::expired);
  EXPECT_EQ(*expire_raise_requests(*store, store->ledger_now()), 1u);
  EXPECT_EQ(*expire_raise_requests(*store, store->ledger_now()), 0u);
  const auto expired = load(id);
  EXPECT_EQ(expired.state, RaiseRequestState::expired);
  EXPECT_TRUE(expired.decided_by.is_zero());
  EXPECT_EQ(events_of(store::EventKind::raise_decided), 1);
  EXPECT_THAT(all_audit(), HasSubstr("raise_request.expire"));
}

TEST_F(RaiseRequestsTest, AsksAreBounded) {
  // Twenty caps to ask about: of labels.
  std::vector<Id> caps;
  for (int i = 0; i < 21; ++i) {
    EXPECT_EQ(change([&](store::Change& c) -> Result<void> {
                auto label = create_label(c, "label-" + std::to_string(i), by);
                if (!label) return label.error();
                store::CapSpec spec;
                spec.scope = {ledger::ScopeKind::label, *label};
                spec.limit = usd(5);
                auto made = c.set_cap(spec, by.actor, by.reason);
                if (!made) return made.error();
                caps.push_back(*made);
                return {};
              }),
              "");
  }
  std::vector<Id> asked;
  for (int i = 0; i < 20; ++i) asked.push_back(ask(caps[static_cast<std::size_t>(i)]));
  const auto one_more = [&] {
    return change([&](store::Change& c) { return ask_for_raise(c, caps[20], {}, sam); });
  };
  EXPECT_EQ(one_more(), "too_many_raise_requests");
  EXPECT_EQ(change([&](store::Change& c) { return withdraw_raise_request(c, asked[0], sam); }), "");
  asked.push_back(ask(caps[20]));
  // Nor by asking and withdrawing in turn.
  for (int made = 21; made < 50; ++made) {
    EXPECT_EQ(
        change([&](store::Change& c) { return withdraw_raise_request(c, asked.back(), sam); }), "");
    asked.push_back(ask(caps[20]));
  }
  EXPECT_EQ(change([&](store::Change& c) { return withdraw_raise_request(c, asked.back(), sam); }),
            "");
  EXPECT_EQ(one_more(), "too_many_raise_requests");
  env.advance(std::chrono::hours(25));
  EXPECT_EQ(one_more(), "");
}

// Whoever grants by an amount means on top of what is in force when it is applied.
TEST_F(RaiseRequestsTest, RaisesByAnAmountAddUp) {
  const Instant until = caps_of(sam.actor.user).at(0).account.cycle_end;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(change([&](store::Change& c) {
                auto first = raise_cap(c, cap, {.limit = {}, .by = usd(10), .until = until}, ada);
                EXPECT_TRUE(first);
                return raise_cap(c, cap, {.limit = {}, .by = usd(5), .until = until}, ada);
              }),
              "");
  }
  EXPECT_EQ(caps_of(sam.actor.user).at(0).account.limit, usd(180));
}

TEST_F(RaiseRequestsTest, TheReasonOfTheRaiseIsTheWordOrElseWhatWasAsked) {
  const Instant until = caps_of(sam.actor.user).at(0).account.cycle_end;
  const RaiseTo to{usd(160), {}, until};
  const Id id = ask(cap, usd(200));
  EXPECT_EQ(change([&](store::Change& c) { return grant_raise_request(c, id, to, "", ada); }), "");
  EXPECT_THAT(all_audit(), ::testing::ContainsRegex("cap.raise .*the release"));
  const auto granted = load(id);
  EXPECT_EQ(granted.state, RaiseRequestState::granted);
  EXPECT_EQ(granted.limit, usd(200));
  EXPECT_EQ(granted.granted_limit, usd(160));
  EXPECT_EQ(granted.granted_until, until);
  EXPECT_EQ(change([&](store::Change& c) {
              return grant_raise_request(c, id, to, std::string(501, 'x'), ada);
            }),
            "too_long");
}

}  // namespace
}  // namespace purser::identity
