// A VFS of our own in front of SQLite's: disks that are full, syncs that fail, and power cuts that
// forget what was not synced. Registered as the default one, so that the store runs on it
// unchanged.
#pragma once

#include <atomic>
#include <string>

namespace purser::store {

struct DiskFaults {
  std::atomic<bool> full{false};        // writes fail with SQLITE_FULL
  std::atomic<bool> sync_fails{false};  // syncs fail with SQLITE_IOERR_FSYNC
  // Each sync keeps a copy of the file as it then is: "<file>.synced".
  std::atomic<bool> keeps_synced{false};
};

// While it lives, new connections go through it.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  DiskFaults& faults();
};

// What a power cut leaves of a directory: each file as it was at its last sync.
void cut_power(const std::string& directory);

}  // namespace purser::store
