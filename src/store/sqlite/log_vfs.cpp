#include "log_vfs.h"

#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "purser/base/check.h"

namespace purser::store {
namespace {

// The most that SQLite's VFS for Unix writes in one call (it keeps 17 bits of the size); a larger
// commit takes several.
constexpr std::size_t kGatheredBytes = 0x1ffff;

// Behind the file that SQLite knows stands the default VFS's own, whose size only that VFS knows.
struct Gathering {
  std::unique_ptr<char[]> room;
  std::string bytes;  // not yet written, from `offset` on
  sqlite3_int64 offset = 0;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(room.get()); }
};

struct LogFile {
  sqlite3_file base;
  Gathering* gathering;  // of our own making, since SQLite moves and frees without destructors
};

Gathering& gathering(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file)->gathering; }
sqlite3_file* real(sqlite3_file* file) { return gathering(file).real(); }

int write_out(sqlite3_file* file) {
  Gathering& g = gathering(file);
  if (g.bytes.empty()) return SQLITE_OK;
  const int result = g.real()->pMethods->xWrite(g.real(), g.bytes.data(),
                                                static_cast<int>(g.bytes.size()), g.offset);
  g.bytes.clear();
  return result;
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  Gathering& g = gathering(file);
  const auto count = static_cast<std::size_t>(size);
  const bool follows = g.offset + static_cast<sqlite3_int64>(g.bytes.size()) == offset;
  if (!g.bytes.empty() && (!follows || g.bytes.size() + count > kGatheredBytes)) {
    if (const int result = write_out(file); result != SQLITE_OK) return result;
  }
  try {
    if (g.bytes.empty()) g.offset = offset;
    g.bytes.append(static_cast<const char*>(data), count);
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  if (const int result = write_out(file); result != SQLITE_OK) return result;
  return real(file)->pMethods->xRead(real(file), into, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (const int result = write_out(file); result != SQLITE_OK) return result;
  return real(file)->pMethods->xTruncate(real(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
  if (const int result = write_out(file); result != SQLITE_OK) return result;
  return real(file)->pMethods->xSync(real(file), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  if (const int result = write_out(file); result != SQLITE_OK) return result;
  return real(file)->pMethods->xFileSize(real(file), size);
}

int close_file(sqlite3_file* file) {
  const int written = write_out(file);
  const int closed = real(file)->pMethods->xClose(real(file));
  delete reinterpret_cast<LogFile*>(file)->gathering;
  return written != SQLITE_OK ? written : closed;
}

// Of a log, SQLite uses no locks and no shared memory: those are the database's.
const sqlite3_io_methods kMethods = {
    1,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    file_size,
    [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); },
    [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); },
    [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
    [](sqlite3_file* f, int op, void* arg) {
      return real(f)->pMethods->xFileControl(real(f), op, arg);
    },
    [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

sqlite3_vfs& default_vfs() {
  sqlite3_vfs* found = sqlite3_vfs_find(nullptr);
  PURSER_ASSERT(found != nullptr);
  return *found;
}

// All files but the log are the default VFS's own: its file is opened in the very place that SQLite
// gives, which is large enough for either.
int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs& vfs = default_vfs();
  if ((flags & SQLITE_OPEN_WAL) == 0) return vfs.xOpen(&vfs, name, file, flags, out_flags);
  file->pMethods = nullptr;
  try {
    auto made = std::make_unique<Gathering>();
    made->room = std::make_unique<char[]>(static_cast<std::size_t>(vfs.szOsFile));
    const int result = vfs.xOpen(&vfs, name, made->real(), flags, out_flags);
    if (result != SQLITE_OK) {
      if (made->real()->pMethods != nullptr) made->real()->pMethods->xClose(made->real());
      return result;
    }
    reinterpret_cast<LogFile*>(file)->gathering = made.release();
    file->pMethods = &kMethods;
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

sqlite3_vfs make_vfs() {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  // A default that comes later (the tests' own) must not need more room than this.
  vfs.szOsFile = 4096;
  vfs.mxPathname = default_vfs().mxPathname;
  vfs.zName = "purser-log";
  vfs.xOpen = open_file;
  vfs.xDelete = [](sqlite3_vfs*, const char* name, int sync) {
    return default_vfs().xDelete(&default_vfs(), name, sync);
  };
  vfs.xAccess = [](sqlite3_vfs*, const char* name, int flags, int* out) {
    return default_vfs().xAccess(&default_vfs(), name, flags, out);
  };
  vfs.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* out) {
    return default_vfs().xFullPathname(&default_vfs(), name, size, out);
  };
  vfs.xRandomness = [](sqlite3_vfs*, int size, char* out) {
    return default_vfs().xRandomness(&default_vfs(), size, out);
  };
  vfs.xSleep = [](sqlite3_vfs*, int micros) {
    return default_vfs().xSleep(&default_vfs(), micros);
  };
  vfs.xCurrentTime = [](sqlite3_vfs*, double* out) {
    return default_vfs().xCurrentTime(&default_vfs(), out);
  };
  vfs.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* out) {
    return default_vfs().xCurrentTimeInt64(&default_vfs(), out);
  };
  vfs.xGetLastError = [](sqlite3_vfs*, int size, char* out) {
    return default_vfs().xGetLastError(&default_vfs(), size, out);
  };
  return vfs;
}

}  // namespace

const char* log_vfs() {
  static sqlite3_vfs vfs = make_vfs();
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  PURSER_ASSERT(registered == SQLITE_OK);
  return vfs.zName;
}

}  // namespace purser::store
