// I6: for every column of every row of a chain of 50, an edit, a deletion and a swap are found, and
// the row is named. A cut tail is found with the head that was exported before.
#include <cstdio>

#include "audit_rows.h"
#include "purser/store/audit_trail.h"
#include "sqlite/connection.h"
#include "store_test_support.h"

namespace purser::store {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kRows = 50;

struct Column {
  const char* name;
  // SQL of values that the column did not have.
  std::vector<std::string> edits;
  std::string emptied;
};

std::vector<Column> columns() {
  std::vector<Column> all = {
      {"workspace", {"zeroblob(16)", "CAST(workspace AS TEXT)"}, "x''"},
      {"sequence", {"sequence + 1000", "-sequence"}, "0"},
      {"at", {"at + 1", "at - 1", "'now'"}, "0"},
      {"actor", {"x'0102030405060708090a0b0c0d0e0f10'", "actor || x'00'"}, "x''"},
      {"hash", {"zeroblob(32)", "hash || x'00'", "hex(hash)"}, "x''"}};
  for (const char* text : {"actor_name", "action", "target", "from_value", "to_value", "reason"}) {
    const std::string name(text);
    all.push_back({text, {name + " || ' '", "'x' || " + name, "CAST(" + name + " AS BLOB)"}, "''"});
  }
  return all;
}

class AuditTamperTest : public StoreTest {
 protected:
  // Fifty entries, no two alike in any column but the workspace, in a copy of the ledger.
  void SetUp() override {
    open();
    workspace = store->workspace();
    for (int i = 1; i <= kRows; ++i) {
      env.advance(std::chrono::seconds(1));
      const std::string number = std::to_string(i);
      ASSERT_TRUE(store->change([&](Change& change) -> Result<void> {
        change.audit({{make_id(env), "person" + number + "@example.com"},
                      "action." + number,
                      "team/" + number,
                      "{\"from\":" + number + "}",
                      "{\"to\":" + number + "}",
                      "reason " + number});
        return {};
      }));
    }
    store->read([&](Sql& sql) { head = read_audit_head(sql, workspace); });
    ASSERT_EQ(head.sequence, kRows);
    ASSERT_TRUE(store->backup(file));
    connection = std::make_unique<Connection>(file, Connection::Mode::write);
  }

  std::vector<audit::Finding> findings(std::vector<audit::GivenHead> heads = {}) {
    audit::ChainCheck chain(std::move(heads));
    check_audit_rows(*connection, workspace, chain, [](const audit::Entry&) {});
    return chain.findings();
  }

  // Runs the SQL, checks, and takes it back. False where the SQL changed nothing.
  void expect_found(const std::string& sql, int row, int& count) {
    connection->execute("SAVEPOINT tamper");
    connection->execute(sql.c_str());
    const auto found = findings();
    const bool is_named = std::any_of(found.begin(), found.end(), [&](const auto& one) {
      const auto number = static_cast<std::uint64_t>(row);
      return (one.sequence <= number && number <= one.last) ||
             one.sentence.find("entry " + std::to_string(row)) != std::string::npos;
    });
    EXPECT_TRUE(is_named) << sql << (found.empty() ? " was not found" : found.front().sentence);
    connection->execute("ROLLBACK TO tamper; RELEASE tamper");
    ++count;
  }

  static std::string where(int row) { return " WHERE sequence = " + std::to_string(row); }

  // Whether the two rows have different values in the column.
  bool differ(const std::string& column, int one, int other) {
    return connection->integer("SELECT count(DISTINCT " + column + ") FROM audit" + where(one) +
                               " OR sequence = " + std::to_string(other)) > 1;
  }

  static std::string swap(const std::string& column, int one, int other) {
    if (column == "sequence")
      return "UPDATE audit SET sequence = -1" + where(one) +
             "; UPDATE audit SET sequence = " + std::to_string(one) + where(other) +
             "; UPDATE audit SET sequence = " + std::to_string(other) + where(-1);
    return "CREATE TEMP TABLE kept AS SELECT sequence, " + column + " AS value FROM audit" +
           where(one) + " OR sequence = " + std::to_string(other) + "; UPDATE audit SET " + column +
           " = (SELECT value FROM kept WHERE sequence = " + std::to_string(other) + ")" +
           where(one) + "; UPDATE audit SET " + column +
           " = (SELECT value FROM kept WHERE sequence = " + std::to_string(one) + ")" +
           where(other) + "; DROP TABLE kept";
  }

  const std::string file = directory.path() + "/copy.db";
  Id workspace;
  audit::Head head;
  std::unique_ptr<Connection> connection;
};

TEST_F(AuditTamperTest, EveryEditDeletionAndSwapIsFoundAndNamed) {
  ASSERT_THAT(findings(), IsEmpty());
  int edits = 0, emptied = 0, removed = 0, swaps = 0;
  for (int row = 1; row <= kRows; ++row) {
    for (const Column& column : columns()) {
      const std::string set = "UPDATE audit SET " + std::string(column.name) + " = ";
      for (const auto& edit : column.edits) expect_found(set + edit + where(row), row, edits);
      expect_found(set + column.emptied + where(row), row, emptied);
      for (const int step : {1, 2, 17}) {
        const int other = (row - 1 + step) % kRows + 1;
        if (differ(column.name, row, other))
          expect_found(swap(column.name, row, other), row, swaps);
      }
    }
    expect_found("DELETE FROM audit" + where(row), row, removed);
  }
  std::printf("found of %d rows and %zu columns: %d edits, %d emptied, %d swapped, %d removed\n",
              kRows, columns().size(), edits, emptied, swaps, removed);
  EXPECT_EQ(emptied, kRows * 11);
  EXPECT_EQ(swaps, kRows * 3 * 10);  // the workspace is the same in all
  EXPECT_THAT(findings(), IsEmpty());
}

// Whoever cuts the tail can mend what the store remembers of it, too.
TEST_F(AuditTamperTest, ACutTailIsFoundWithTheExportedHead) {
  const audit::GivenHead given{head.sequence, head.hash};
  EXPECT_THAT(findings({given}), IsEmpty());
  int found = 0;
  for (int last = kRows - 1; last >= 0; --last) {
    connection->execute(
        ("DELETE FROM audit WHERE sequence > " + std::to_string(last) +
         "; UPDATE progress SET audit_sequence = " + std::to_string(last) +
         ", audit_hash = COALESCE((SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1), "
         "zeroblob(32))")
            .c_str());
    EXPECT_THAT(findings(), IsEmpty());
    for (const auto& sought : {given, audit::GivenHead{std::nullopt, head.hash}}) {
      const auto told = findings({sought});
      ASSERT_THAT(told, Not(IsEmpty())) << "cut behind " << last;
      EXPECT_EQ(told.front().flaw, audit::Flaw::head);
      if (sought.sequence) {
        EXPECT_EQ(told.front().sequence, static_cast<std::uint64_t>(last) + 1);
      }
      ++found;
    }
  }
  std::printf("found with the exported head: %d cut tails\n", found);
}

TEST_F(AuditTamperTest, AFileIsVerifiedAlsoWhileTheStoreRuns) {
  for (const auto& place : {options.directory, file}) {
    const auto report = verify_audit_trail(place, {{head.sequence, head.hash}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->findings, IsEmpty());
    EXPECT_EQ(report->entries, kRows);
    EXPECT_EQ(report->head.hash, head.hash);
    const auto read = read_audit_head(place);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_text(*read), to_text(head));
  }
  connection->execute("UPDATE audit SET reason = '' WHERE sequence = 7");
  const auto report = verify_audit_trail(file, {});
  ASSERT_TRUE(report);
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_THAT(report->findings.front().sentence,
              HasSubstr("Audit entry 7 (action.7 of team/7) does not match its hash"));
  EXPECT_EQ(verify_audit_trail(directory.path() + "/nothing.db", {}).error().code, "damaged");
}

}  // namespace
}  // namespace purser::store
