// What reaches the files through the writer's VFS: fewer writes to the log, nothing later than a
// sync.
#include "sqlite/log_vfs.h"

#include <algorithm>
#include <fstream>

#include "fault_vfs.h"
#include "sqlite/connection.h"
#include "store_test_support.h"

namespace purser::store {
namespace {

struct LogWatcher final : DiskWatcher {
  DiskVerdict judge(const DiskCall& call) override {
    if (!call.file.ends_with("-wal")) return {};
    if (call.kind == DiskCall::Kind::write) {
      ++writes;
      bytes += call.data.size();
      largest = std::max(largest, call.data.size());
      since_sync += call.data.size();
      if (fails) return {10 /* SQLITE_IOERR */, 0, false};
    }
    if (call.kind == DiskCall::Kind::sync) {
      ++syncs;
      since_sync = 0;
    }
    return {};
  }
  std::size_t writes = 0, bytes = 0, largest = 0, syncs = 0, since_sync = 0;
  bool fails = false;
};

class LogVfsTest : public ::testing::Test {
 protected:
  LogVfsTest() {
    connection.execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)");
    vfs.faults().watcher = &watcher;
  }
  ~LogVfsTest() override { vfs.faults().watcher = nullptr; }

  // Pages far apart, so that each row is one of its own.
  void insert(int rows) {
    connection.execute("BEGIN IMMEDIATE");
    for (int i = 0; i < rows; ++i) connection.run("INSERT INTO t (body) VALUES (zeroblob(3000))");
    connection.execute("COMMIT");
  }

  std::string made() {
    std::ofstream{directory.path() + "/t.db"};
    return directory.path() + "/t.db";
  }

  TempDirectory directory;
  FaultVfs vfs;
  LogWatcher watcher;
  Connection connection{made(), Connection::Mode::write};
};

TEST_F(LogVfsTest, ACommitIsOneWriteAndOneSync) {
  insert(1);  // begins the log, with a head of its own
  watcher = {};
  insert(20);
  EXPECT_EQ(watcher.writes, 1u);
  EXPECT_EQ(watcher.syncs, 1u);
  EXPECT_GT(watcher.bytes, 20u * 4096);
  EXPECT_EQ(watcher.since_sync, 0u);
}

TEST_F(LogVfsTest, ALargeCommitIsWrittenInPiecesThatTheSystemTakes) {
  watcher = {};
  insert(500);
  EXPECT_LE(watcher.largest, 0x1ffffu);
  EXPECT_LE(watcher.writes, 2 + watcher.bytes / 0x10000);
  EXPECT_EQ(connection.integer("SELECT COUNT(*) FROM t"), 500);
}

TEST_F(LogVfsTest, ACommitIsThereForOthersAtOnceAndAfterReopening) {
  insert(7);
  Connection reader(directory.path() + "/t.db", Connection::Mode::read);
  EXPECT_EQ(reader.integer("SELECT COUNT(*) FROM t"), 7);
  insert(3);
  EXPECT_EQ(reader.integer("SELECT COUNT(*) FROM t"), 10);
}

// A cache too small for the transaction: its pages go to the log before the commit, and are read
// back from there.
TEST_F(LogVfsTest, PagesThatWereGatheredCanBeReadBack) {
  connection.execute("PRAGMA cache_size = 10");
  connection.execute("BEGIN IMMEDIATE");
  for (int i = 0; i < 200; ++i) connection.run("INSERT INTO t (body) VALUES (zeroblob(3000))");
  EXPECT_EQ(connection.integer("SELECT COUNT(*) FROM t WHERE length(body) = 3000"), 200);
  connection.execute("COMMIT");
  EXPECT_EQ(connection.integer("SELECT COUNT(*) FROM t WHERE length(body) = 3000"), 200);
}

TEST_F(LogVfsTest, AFailedWriteFailsTheCommit) {
  insert(1);
  watcher.fails = true;
  EXPECT_THROW(insert(2), SqliteError);
  watcher.fails = false;
  if (connection.in_transaction()) connection.execute("ROLLBACK");
  EXPECT_EQ(connection.integer("SELECT COUNT(*) FROM t"), 1);
  insert(2);
  EXPECT_EQ(connection.integer("SELECT COUNT(*) FROM t"), 3);
}

}  // namespace
}  // namespace purser::store
