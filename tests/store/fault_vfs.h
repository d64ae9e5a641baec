// A VFS of our own in front of SQLite's: disks that are full, syncs that fail, and power cuts that
// forget what was not synced. Registered as the default one, so that the store runs on it
// unchanged.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

namespace purser::store {

// One call on its way to a file of the database.
struct DiskCall {
  enum class Kind : std::uint8_t { open, read, write, truncate, sync, remove };
  Kind kind;
  std::string file;                    // its path
  std::int64_t offset = 0;             // of a read or write; of a truncate: the new size
  std::span<const std::uint8_t> data;  // of a write
  bool syncs_directory = false;        // of a remove
};

// What becomes of it: 0 and it goes on as it is, or SQLite's code of an error. Of a write that
// fails, the first `bytes_done` are written all the same. `short_read`: the system's first pread
// returns half of what it was asked for.
struct DiskVerdict {
  int error = 0;
  int bytes_done = 0;
  bool short_read = false;
};

// Is asked about every call before it reaches the file, on whatever thread makes it.
class DiskWatcher {
 public:
  virtual DiskVerdict judge(const DiskCall& call) = 0;

 protected:
  ~DiskWatcher() = default;
};

struct DiskFaults {
  std::atomic<bool> full{false};        // writes fail with SQLITE_FULL
  std::atomic<bool> sync_fails{false};  // syncs fail with SQLITE_IOERR_FSYNC
  // Each sync keeps a copy of the file as it then is: "<file>.synced".
  std::atomic<bool> keeps_synced{false};
  std::atomic<DiskWatcher*> watcher{nullptr};
};

// While it lives, new connections go through it.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  static DiskFaults& faults();
};

// What a power cut leaves of a directory: each file as it was at its last sync.
void cut_power(const std::string& directory);

}  // namespace purser::store
