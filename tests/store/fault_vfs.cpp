#include "fault_vfs.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <new>
#include <utility>

namespace purser::store {
namespace {

DiskFaults the_faults;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs fault_vfs;

// SQLite allocates szOsFile bytes: ours, and behind them the real file's.
struct FaultFile {
  sqlite3_file base;
  const char* name;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile& ours(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return ours(file).real(); }

int close_file(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }

// In place of the system's own, below SQLite's VFS, which must ask again for what is left.
thread_local bool next_read_is_short = false;
const char* const kReadCalls[] = {"pread", "pread64"};

ssize_t read_call(int descriptor, void* to, size_t size, off_t offset) {
  if (std::exchange(next_read_is_short, false)) size /= 2;
  return pread(descriptor, to, size, offset);
}

void replace_read_calls(sqlite3_syscall_ptr call) {
  for (const char* name : kReadCalls)
    if (real_vfs->xGetSystemCall(real_vfs, name) != nullptr)
      real_vfs->xSetSystemCall(real_vfs, name, call);
}

DiskVerdict judge(const char* name, DiskCall&& call) {
  DiskWatcher* watcher = the_faults.watcher;
  if (watcher == nullptr || name == nullptr) return {};
  call.file = name;
  return watcher->judge(call);
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  const auto verdict = judge(ours(file).name, {DiskCall::Kind::read, {}, offset, {}, false});
  if (verdict.error != SQLITE_OK) return verdict.error;
  next_read_is_short = verdict.short_read;
  const int result = real(file)->pMethods->xRead(real(file), to, size, offset);
  next_read_is_short = false;
  return result;
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (the_faults.full) return SQLITE_FULL;
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  const auto verdict =
      judge(ours(file).name,
            {DiskCall::Kind::write, {}, offset, {bytes, static_cast<std::size_t>(size)}, false});
  if (verdict.error != SQLITE_OK) {
    const int done = std::min(verdict.bytes_done, size);
    if (done > 0) real(file)->pMethods->xWrite(real(file), data, done, offset);
    return verdict.error;
  }
  return real(file)->pMethods->xWrite(real(file), data, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const auto verdict = judge(ours(file).name, {DiskCall::Kind::truncate, {}, size, {}, false});
  if (verdict.error != SQLITE_OK) return verdict.error;
  return real(file)->pMethods->xTruncate(real(file), size);
}

int remove_file(sqlite3_vfs*, const char* name, int sync_directory) {
  const auto verdict = judge(name, {DiskCall::Kind::remove, {}, 0, {}, sync_directory != 0});
  if (verdict.error != SQLITE_OK) return verdict.error;
  return real_vfs->xDelete(real_vfs, name, sync_directory);
}

std::string synced_copy(const char* name) { return std::string(name) + ".synced"; }

int sync_file(sqlite3_file* file, int flags) {
  if (the_faults.sync_fails) return SQLITE_IOERR_FSYNC;
  const auto verdict = judge(ours(file).name, {DiskCall::Kind::sync, {}, 0, {}, false});
  if (verdict.error != SQLITE_OK) return verdict.error;
  const int result = real(file)->pMethods->xSync(real(file), flags);
  if (result == SQLITE_OK && the_faults.keeps_synced && ours(file).name != nullptr)
    std::filesystem::copy_file(ours(file).name, synced_copy(ours(file).name),
                               std::filesystem::copy_options::overwrite_existing);
  return result;
}

const sqlite3_io_methods kMethods = {
    3,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    [](sqlite3_file* f, sqlite3_int64* size) {
      return real(f)->pMethods->xFileSize(real(f), size);
    },
    [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); },
    [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); },
    [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
    [](sqlite3_file* f, int op, void* arg) {
      return real(f)->pMethods->xFileControl(real(f), op, arg);
    },
    [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    },
    [](sqlite3_file* f, int offset, int n, int flags) {
      return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
    },
    [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
    // No memory-mapped reads: they would pass by the shim.
    [](sqlite3_file*, sqlite3_int64, int, void** out) {
      *out = nullptr;
      return SQLITE_OK;
    },
    [](sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; },
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  ours(file).base.pMethods = nullptr;
  ours(file).name = name;
  // What is there before anybody writes to it has been synced in an earlier life.
  if (the_faults.keeps_synced && name != nullptr && std::filesystem::exists(name) &&
      !std::filesystem::exists(synced_copy(name)))
    std::filesystem::copy_file(name, synced_copy(name));
  const auto verdict = judge(name, {DiskCall::Kind::open, {}, 0, {}, false});
  if (verdict.error != SQLITE_OK) return verdict.error;
  const int result = real_vfs->xOpen(real_vfs, name, real(file), flags, out_flags);
  if (real(file)->pMethods != nullptr) ours(file).base.pMethods = &kMethods;
  return result;
}

}  // namespace

FaultVfs::FaultVfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  fault_vfs = *real_vfs;
  fault_vfs.zName = "purser_faults";
  fault_vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + real_vfs->szOsFile;
  fault_vfs.xOpen = open_file;
  fault_vfs.xDelete = remove_file;
  sqlite3_vfs_register(&fault_vfs, 1);
  replace_read_calls(reinterpret_cast<sqlite3_syscall_ptr>(read_call));
}

FaultVfs::~FaultVfs() {
  replace_read_calls(nullptr);
  sqlite3_vfs_unregister(&fault_vfs);
  sqlite3_vfs_register(real_vfs, 1);
  the_faults.full = the_faults.sync_fails = the_faults.keeps_synced = false;
  the_faults.watcher = nullptr;
}

DiskFaults& FaultVfs::faults() { return the_faults; }

void cut_power(const std::string& directory) {
  namespace fs = std::filesystem;
  for (const char* name : {"ledger.db", "ledger.db-wal"}) {
    const std::string file = directory + "/" + name;
    if (fs::exists(file + ".synced"))
      fs::rename(file + ".synced", file);
    else
      fs::remove(file);
  }
  fs::remove(directory + "/ledger.db-shm");
}

}  // namespace purser::store
