// The directory, the lock, migrations, backups, readers, the command log.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "sqlite/connection.h"
#include "sqlite/directory.h"
#include "sqlite/schema.h"
#include "store_test_support.h"

namespace purser::store {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

mode_t mode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

TEST_F(StoreTest, FilesAreForTheirOwnerAlone) {
  open_with_key();
  EXPECT_EQ(mode_of(options.directory), 0700u);
  for (const auto& entry : std::filesystem::directory_iterator(options.directory))
    EXPECT_EQ(mode_of(entry.path()), 0600u) << entry.path();
  EXPECT_TRUE(std::filesystem::exists(options.directory + "/ledger.db-wal"));
}

TEST_F(StoreTest, ASecondProcessIsRefusedWithThePidOfTheFirst) {
  open();
  const auto second = Store::open(options, env);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "locked");
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(getpid())));
  reopen();
  EXPECT_TRUE(store);
}

TEST_F(StoreTest, ANewerFileIsRefused) {
  open();
  store.reset();
  {
    Connection connection(ledger_file(options.directory), Connection::Mode::write);
    connection.execute("PRAGMA user_version = 999");
  }
  const auto newer = Store::open(options, env);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, "newer_file");
  EXPECT_THAT(newer.error().message, HasSubstr("999"));
  EXPECT_EQ(verify(options.directory).error().code, "newer_file");
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsDamaged) {
  std::filesystem::create_directories(options.directory);
  std::ofstream(ledger_file(options.directory)) << std::string(8192, 'x');
  const auto opened = Store::open(options, env);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "damaged");
}

TEST_F(StoreTest, AFileWithACapWithoutItsScopeIsDamaged) {
  open();
  ASSERT_TRUE(set_cap(workspace_scope(), usd(10)));
  store.reset();
  Connection(ledger_file(options.directory), Connection::Mode::write).run("DELETE FROM scopes");
  const auto opened = Store::open(options, env);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "damaged");
  EXPECT_THAT(opened.error().message, HasSubstr("scope is not in the file"));
}

TEST(Migrations, AreNumberedFromOneWithoutAGap) {
  int expected = 0;
  for (const Migration& migration : migrations()) EXPECT_EQ(migration.number, ++expected);
  EXPECT_EQ(newest_schema(), expected);
}

// A file of the first version with the rows of `from`, but for the outbox, which nobody read then.
void make_first_version(const std::string& from, const std::string& file) {
  std::ofstream{file};
  Connection connection(file, Connection::Mode::write);
  const Migration& first = migrations()[0];
  for (const char* step : std::span(first.steps, first.step_count)) connection.execute(step);
  connection.run("ATTACH ?1 AS source", {from});
  std::vector<std::string> copies;
  connection.each(
      "SELECT t.name, group_concat(c.name) FROM sqlite_master t, pragma_table_info(t.name) c WHERE "
      "t.type = 'table' AND t.name <> 'outbox' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name",
      {}, [&](const Row& row) {
        const std::string table(row.text(0)), columns(row.text(1));
        copies.push_back("INSERT INTO " + table + " (" + columns + ") SELECT " + columns +
                         " FROM source." + table);
      });
  for (const std::string& copy : copies) connection.execute(copy.c_str());
  connection.execute("UPDATE accounts SET crossed = 7");  // 50, 80 and 100 %, as it was then
  connection.execute("PRAGMA user_version = 1");
}

TEST_F(StoreTest, AFileOfTheFirstVersionIsUpgradedAndVerifiesClean) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(3));
  reserve(usd(1));
  const std::string now = directory.path() + "/now.db";
  ASSERT_TRUE(store->backup(now));
  store.reset();
  options.directory = directory.path() + "/upgraded";
  std::filesystem::create_directories(options.directory);
  make_first_version(now, ledger_file(options.directory));
  open();
  EXPECT_EQ(account(user_scope()).spent, usd(4));
  EXPECT_EQ(account(user_scope()).crossed, ledger::kDefaultThresholds);
  // The open hold was settled as unconfirmed, and the new index finds it.
  const char* const query =
      "SELECT COUNT(*) FROM usages WHERE workspace = ?1 AND reserved_at >= ?2 AND (flags & 2) <> 0";
  EXPECT_EQ(integer(query, {store->workspace(), kStart}), 1);
  std::string plan;
  store->read([&](Sql& reading) {
    reading.each(std::string("EXPLAIN QUERY PLAN ") + query, {store->workspace(), kStart},
                 [&](const Row& row) { plan += row.text(3); });
  });
  EXPECT_THAT(plan, HasSubstr("usages_unconfirmed"));
  spend(usd(1));
  store.reset();
  EXPECT_EQ(Connection(ledger_file(options.directory), Connection::Mode::write)
                .integer("PRAGMA user_version"),
            newest_schema());
  const auto report = verify(options.directory);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->problems, IsEmpty());
  EXPECT_EQ(report->usages, 3u);
}

TEST(Migrations, TheFirstMakesEveryTableAndRunsOnce) {
  const TempDirectory directory;
  ASSERT_TRUE(prepare_directory(directory.path()));
  const std::string file = ledger_file(directory.path());
  Connection connection(file, Connection::Mode::write);
  ASSERT_TRUE(migrate(connection, file));
  ASSERT_TRUE(migrate(connection, file));
  EXPECT_EQ(connection.integer("PRAGMA user_version"), newest_schema());
  for (const char* table : {"workspaces", "settings", "scopes", "caps", "account_rows", "hold_rows",
                            "usages", "adjustments", "rollup_rows", "tasks", "audit", "outbox",
                            "epochs", "model_overspends", "command_log", "progress", "keys"}) {
    EXPECT_EQ(connection.integer(
                  "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?1", {table}),
              1)
        << table;
    // Every row carries its workspace.
    if (std::string_view(table) == "workspaces") continue;
    EXPECT_EQ(connection.integer("SELECT COUNT(*) FROM pragma_table_info(?1) WHERE name = "
                                 "'workspace' AND \"notnull\" = 1",
                                 {table}),
              1)
        << table;
  }
}

TEST(Migrations, PlansLeadOverAnIndexAlsoInAnEmptyFile) {
  const TempDirectory directory;
  ASSERT_TRUE(prepare_directory(directory.path()));
  const std::string file = ledger_file(directory.path());
  {
    Connection connection(file, Connection::Mode::write);
    ASSERT_TRUE(migrate(connection, file));
  }
  Connection connection(file, Connection::Mode::read);
  const auto plan = [&](const std::string& query) {
    std::string text;
    connection.each("EXPLAIN QUERY PLAN SELECT 1 FROM " + query, {},
                    [&](const Row& row) { text += std::string(row.text(3)) + "\n"; });
    return text;
  };
  using ::testing::HasSubstr;
  const std::string of = " WHERE workspace = x'01' AND ";
  EXPECT_THAT(plan("keys" + of + "user_id = x'02' AND revoked IS NULL"), HasSubstr("keys_of_user"));
  EXPECT_THAT(plan("memberships" + of + "user_id = x'02' AND ended IS NULL"),
              HasSubstr("memberships_of_user"));
  EXPECT_THAT(plan("memberships" + of + "team = x'02' AND ended IS NULL"),
              HasSubstr("memberships_of_team"));
  EXPECT_THAT(plan("caps" + of + "scope_kind = 1 AND scope_id = x'02' AND ended_at IS NULL"),
              HasSubstr("(workspace=? AND scope_kind=? AND scope_id=?)"));
  EXPECT_THAT(plan("caps" + of + "temporary_until <= 1 AND ended_at IS NULL"),
              HasSubstr("caps_raised"));
  EXPECT_THAT(plan("caps" + of + "id = x'02'"), HasSubstr("PRIMARY KEY (workspace=? AND id=?)"));
  EXPECT_THAT(plan("users" + of + "id = x'02'"), HasSubstr("PRIMARY KEY (workspace=? AND id=?)"));

  // The views are looked through, not made whole.
  const std::string whole_account = "account_rows_1 (workspace=? AND cap=? AND cycle_start=?)";
  EXPECT_THAT(plan("accounts" + of + "cap = x'02' AND cycle_start = 3"), HasSubstr(whole_account));
  EXPECT_THAT(plan("caps c JOIN accounts a ON a.workspace = c.workspace AND a.cap = c.id WHERE "
                   "c.workspace = x'01' AND c.id = x'02' AND a.cycle_start = 3"),
              HasSubstr(whole_account));
  const std::string spent = plan(
      "accounts a JOIN caps c ON c.workspace = a.workspace AND c.id = a.cap WHERE a.workspace "
      "= x'01' AND c.ended_at IS NULL AND a.spent_nanos > 0 AND a.cycle_start = (SELECT "
      "MAX(n.cycle_start) FROM accounts n WHERE n.workspace = a.workspace AND n.cap = a.cap)");
  EXPECT_THAT(spent, HasSubstr("SEARCH a USING INDEX sqlite_autoindex_account_rows_1"));
  EXPECT_THAT(spent, HasSubstr("SEARCH r USING INTEGER PRIMARY KEY"));
  EXPECT_THAT(spent,
              Not(AnyOf(HasSubstr("MATERIALIZE"), HasSubstr("SCAN a"), HasSubstr("SCAN r"))));
  const std::string sums = plan("rollups" + of + "team = x'02' AND bucket >= 3 AND cost_nanos > 0");
  EXPECT_THAT(sums, HasSubstr("rollups_of_team (workspace=? AND team=? AND bucket>?)"));
  EXPECT_THAT(sums, HasSubstr("SEARCH s USING INTEGER PRIMARY KEY"));
}

void set_version(Connection& connection, int version) {
  connection.execute(("PRAGMA user_version = " + std::to_string(version)).c_str());
}

TEST_F(StoreTest, AFileThatCannotBeUpgradedIsSaidToBeAsItWas) {
  open_with_key();
  store.reset();
  const std::string file = ledger_file(options.directory);
  {
    Connection connection(file, Connection::Mode::write);
    set_version(connection, newest_schema() - 1);  // so that the step meets its own tables
  }
  const auto refused = Store::open(options, env);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "not_upgraded");
  EXPECT_THAT(refused.error().message, HasSubstr("What it held is as it was"));
  Connection connection(file, Connection::Mode::write);
  EXPECT_EQ(connection.integer("PRAGMA user_version"), newest_schema() - 1);
  EXPECT_EQ(connection.integer("SELECT COUNT(*) FROM keys"), 1);
  set_version(connection, newest_schema());
  EXPECT_TRUE(Store::open(options, env));
}

TEST_F(StoreTest, BalancesOfNoAccountAreToldOfAtTheStart) {
  open_with_key();
  store.reset();
  Connection(ledger_file(options.directory), Connection::Mode::write)
      .execute("INSERT INTO recent_balances VALUES (1000, 0, 0)");
  const auto refused = Store::open(options, env);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "damaged");
  EXPECT_THAT(refused.error().message, HasSubstr("balances of an account that is not there"));
}

TEST_F(StoreTest, MoreRecentBalancesThanAreWantedGoBackToTheirAccounts) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  ASSERT_TRUE(set_cap(team_scope(), usd(10)));
  ASSERT_TRUE(set_cap(workspace_scope(), usd(10)));
  spend(usd(3));
  EXPECT_EQ(integer("SELECT COUNT(*) FROM recent_balances"), 3);
  options.recent_balances = 1;
  reopen();
  spend(usd(1));
  EXPECT_EQ(integer("SELECT COUNT(*) FROM recent_balances"), 1);
  EXPECT_EQ(integer("SELECT SUM(spent_nanos) FROM accounts"), usd(12).count());
  expect_clean();
}

TEST_F(StoreTest, ABackupIsACompleteCopyMadeWhileTheStoreRuns) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(3));
  Id request;
  reserve(usd(1), &request);
  const std::string file = directory.path() + "/backup.db";
  const auto made = store->backup(file);
  ASSERT_TRUE(made) << made.error().message;
  spend(usd(2));
  EXPECT_EQ(mode_of(file), 0600u);
  const auto report = verify(file);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->problems, IsEmpty());
  EXPECT_EQ(report->usages, 1u);
  EXPECT_EQ(report->holds, 1u);
  EXPECT_EQ(store->backup(file).error().code, "cannot_write");  // never over another file
  // A store can be started from it.
  options.directory = directory.path() + "/restored";
  std::filesystem::create_directories(options.directory);
  std::filesystem::copy(file, ledger_file(options.directory));
  store.reset();
  open();
  EXPECT_EQ(account(user_scope()).spent, usd(4));
  expect_clean();
}

TEST_F(StoreTest, ReadersSeeOneSnapshotAndCannotWrite) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  store->read([&](Sql& sql) {
    const auto spent = [&] {
      std::int64_t sum = -1;
      sql.each("SELECT spent_nanos FROM accounts", {},
               [&](const Row& row) { sum = row.integer(0); });
      return sum;
    };
    EXPECT_EQ(spent(), 0);
    spend(usd(3));
    EXPECT_EQ(spent(), 0);
    EXPECT_THROW(sql.run("DELETE FROM account_rows"), SqlError);
  });
  EXPECT_EQ(integer("SELECT spent_nanos FROM accounts"), usd(3).count());
}

TEST_F(StoreTest, AReadIsBoundedInTime) {
  options.read_limit = std::chrono::seconds(1);
  open();
  EXPECT_THROW(store->read([&](Sql& sql) {
    env.advance(std::chrono::seconds(2));
    sql.each(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) "
        "FROM n",
        {}, [](const Row&) {});
  }),
               SqlError);
  EXPECT_EQ(integer("SELECT 7"), 7);
}

TEST_F(StoreTest, WaitingForAReaderIsBounded) {
  options.readers = 1;
  options.read_limit = std::chrono::milliseconds(10);
  open();
  store->read([&](Sql&) { EXPECT_THROW(store->read([](Sql&) {}), SqlError); });
  EXPECT_NO_THROW(store->read([](Sql&) {}));
}

TEST_F(StoreTest, TheQueueIsBounded) {
  options.queue_limit = 10;
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  std::promise<void> go_on, blocked;
  auto wait = go_on.get_future();
  ASSERT_TRUE(store->submit(settle_request(make_id(env), usd(1)), [&](CommandResult&&) {
    blocked.set_value();
    wait.get();
  }));
  blocked.get_future().get();
  std::atomic<int> answered = 0;
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(store->submit(reserve_request(usd(1)), [&](CommandResult&&) { ++answered; }));
  EXPECT_EQ(store->counters().queue_length, 10u);
  EXPECT_FALSE(store->submit(reserve_request(usd(1)), [&](CommandResult&&) { ++answered; }));
  EXPECT_EQ(store->change([](Change&) -> Result<void> { return {}; }).error().code, "busy");
  go_on.set_value();
  store.reset();
  EXPECT_EQ(answered, 10);
  open();
}

TEST_F(StoreTest, TheCommandLogHasEveryCommandInOrder) {
  options.command_log = true;
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(3));
  reserve(usd(9));  // refused, and on record
  EXPECT_EQ(integer("SELECT COUNT(*) FROM command_log"), 5);
  EXPECT_EQ(integer("SELECT MAX(sequence) - MIN(sequence) FROM command_log"), 4);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM command_log WHERE command = 'reserve' AND "
                    "json_extract(outcome, '$.decision') = 'does_not_fit' AND json_extract(inputs, "
                    "'$.smallest_nanos') = 9000000000"),
            1);
  expect_clean();
}

}  // namespace
}  // namespace purser::store
