// A disk in memory under SQLite: a VFS whose files know what was synced and what was not, so that a
// crash can forget. One thread; one disk at a time. Locks are not needed on one thread: no two
// connections are ever within a transaction at once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "choices.h"

namespace purser::sim {

struct DiskFile {
  struct Change {
    std::size_t offset = 0;
    std::string bytes;
    bool truncates = false;  // to `offset`
  };
  std::string data;              // as the process sees it
  std::string synced;            // as a crash leaves it
  std::vector<Change> unsynced;  // what of it may be on the disk, or not
  std::vector<std::unique_ptr<char[]>> shared_memory;
  int handles = 0;
  static void apply(std::string& to, const Change& change);
};

class MemoryDisk {
 public:
  MemoryDisk();
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  bool full = false;        // writes fail with SQLITE_FULL
  bool sync_fails = false;  // the next syncs fail with SQLITE_IOERR_FSYNC
  std::uint64_t refused_writes = 0, failed_syncs = 0, syncs = 0;

  // The machine stops: the files of `from` as the disk has them, under `to`. Of what was not
  // synced, each write is there or not. The files of `from` stay, for the process that ends.
  void crash(const std::string& from, const std::string& to, Choices& choose);
  void remove(const std::string& directory);
  // For a base image.
  std::string contents(const std::string& path) const { return files_.at(path)->data; }
  void put(const std::string& path, const std::string& data);

  std::shared_ptr<DiskFile> open(const char* path);
  bool exists(const std::string& path) const { return files_.contains(path); }
  void erase(const std::string& path) { files_.erase(path); }

 private:
  std::map<std::string, std::shared_ptr<DiskFile>> files_;
};

}  // namespace purser::sim
