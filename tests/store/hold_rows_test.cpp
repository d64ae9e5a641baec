// Rows of open holds: a new hold goes over the row of one that has ended, and over no other.
#include <set>

#include "store_test_support.h"

namespace purser::store {
namespace {

constexpr std::int64_t kFewestSlots = 256;

class HoldRowsTest : public StoreTest {
 protected:
  void SetUp() override {
    open_with_key();
    ASSERT_TRUE(set_cap(user_scope(), usd(10'000)));
  }
  std::int64_t open_holds() { return integer("SELECT COUNT(*) FROM holds"); }
  std::int64_t rows() { return integer("SELECT COUNT(*) FROM hold_rows"); }
  std::int64_t held(const Id& request) {
    return integer("SELECT amount_nanos FROM holds WHERE request = ?1", {request});
  }
};

TEST_F(HoldRowsTest, RowsAreUsedAgain) {
  for (int i = 0; i < 3 * kFewestSlots; ++i) spend(usd(1));
  EXPECT_EQ(rows(), kFewestSlots);
  EXPECT_EQ(open_holds(), 0);
  expect_clean();
}

TEST_F(HoldRowsTest, AnOpenHoldKeepsItsRow) {
  Id first, second;
  reserve(usd(3), &first);
  spend(usd(1));
  reserve(usd(5), &second);
  for (int i = 0; i < 2 * kFewestSlots; ++i) spend(usd(1));
  EXPECT_EQ(open_holds(), 2);
  EXPECT_EQ(held(first), usd(3).count());
  EXPECT_EQ(held(second), usd(5).count());
  settle(first, usd(2));
  EXPECT_EQ(open_holds(), 1);
  EXPECT_EQ(held(second), usd(5).count());
  expect_clean();
  // What had been open was settled in full at the start, and no row is needed any more.
  EXPECT_EQ(integer("SELECT cost_nanos FROM usages WHERE request = ?1", {second}), usd(5).count());
  EXPECT_EQ(rows(), 0);
}

TEST_F(HoldRowsTest, ThereAreTwiceAsManySlotsAsOpenHoldsUntilTheyHaveEnded) {
  std::vector<Id> open;
  std::set<Id> shown;
  for (int i = 0; i < 2 * kFewestSlots; ++i) {
    reserve(usd(1), &open.emplace_back());
    if (i % 3 == 0) spend(usd(1));
  }
  EXPECT_EQ(open_holds(), std::ssize(open));
  store->read([&](Sql& sql) {
    sql.each("SELECT request FROM holds", {}, [&](const Row& row) { shown.insert(row.id(0)); });
  });
  EXPECT_EQ(shown, std::set<Id>(open.begin(), open.end()));
  for (const Id& request : open) settle(request, usd(1));
  EXPECT_EQ(open_holds(), 0);
  EXPECT_GT(rows(), 2 * kFewestSlots);
  for (int i = 0; i < 8 * kFewestSlots; ++i) spend(usd(1));
  EXPECT_EQ(rows(), kFewestSlots);
  expect_clean();
}

// A change that is refused takes what it did to the holds back, and their rows stay taken.
TEST_F(HoldRowsTest, ARefusedChangeLeavesTheRowsOfOpenHoldsAlone) {
  Id open;
  reserve(usd(3), &open);
  ASSERT_FALSE(store->change([&](Change& change) -> Result<void> {
    auto cap = change.set_cap({team_scope(), Period::month, ledger::Enforcement::hard, usd(9), {}},
                              admin, "a test");
    return cap ? Error{"refused", "refused"} : cap.error();
  }));
  for (int i = 0; i < kFewestSlots; ++i) spend(usd(1));
  EXPECT_EQ(held(open), usd(3).count());
  ASSERT_TRUE(set_cap(team_scope(), usd(10'000)));  // the open hold is put into its account
  EXPECT_EQ(account(team_scope()).held, usd(3));
  expect_clean();
  EXPECT_EQ(account(team_scope()).held, Nanos{0});
  expect_clean();
}

}  // namespace
}  // namespace purser::store
