#include "path/memory_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace purser::sim {
namespace {

MemoryDisk* disk = nullptr;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs memory_vfs;

struct OpenFile {
  sqlite3_file base;
  std::shared_ptr<DiskFile>* file;
};

DiskFile& file_of(sqlite3_file* file) { return **reinterpret_cast<OpenFile*>(file)->file; }

int close_file(sqlite3_file* file) {
  --file_of(file).handles;
  delete reinterpret_cast<OpenFile*>(file)->file;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  const std::string& data = file_of(file).data;
  const auto begin = std::min(static_cast<std::size_t>(offset), data.size());
  const std::size_t there = std::min(static_cast<std::size_t>(size), data.size() - begin);
  std::memcpy(to, data.data() + begin, there);
  if (there == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(size) - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (disk->full) {
    ++disk->refused_writes;
    return SQLITE_FULL;
  }
  DiskFile& to = file_of(file);
  to.unsynced.push_back(
      {static_cast<std::size_t>(offset),
       std::string(static_cast<const char*>(from), static_cast<std::size_t>(size)), false});
  DiskFile::apply(to.data, to.unsynced.back());
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  DiskFile& to = file_of(file);
  to.unsynced.push_back({static_cast<std::size_t>(size), {}, true});
  DiskFile::apply(to.data, to.unsynced.back());
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  if (disk->sync_fails) {
    ++disk->failed_syncs;
    return SQLITE_IOERR_FSYNC;
  }
  ++disk->syncs;
  DiskFile& synced = file_of(file);
  for (const DiskFile::Change& change : synced.unsynced) DiskFile::apply(synced.synced, change);
  synced.unsynced.clear();
  return SQLITE_OK;
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  auto& pages = file_of(file).shared_memory;
  const auto index = static_cast<std::size_t>(page);
  *out = nullptr;
  if (index >= pages.size() && extend == 0) return SQLITE_OK;
  while (index >= pages.size())
    pages.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  *out = pages[index].get();
  return SQLITE_OK;
}

int unmap_shared(sqlite3_file* file, int remove) {
  if (remove != 0) file_of(file).shared_memory.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    [](sqlite3_file* f, sqlite3_int64* size) {
      *size = static_cast<sqlite3_int64>(file_of(f).data.size());
      return SQLITE_OK;
    },
    // The last connection that closes asks for this lock, and then takes the log away.
    [](sqlite3_file* f, int level) {
      return level == SQLITE_LOCK_EXCLUSIVE && file_of(f).handles > 1 ? SQLITE_BUSY : SQLITE_OK;
    },
    [](sqlite3_file*, int) { return SQLITE_OK; },
    [](sqlite3_file*, int* out) {
      *out = 0;
      return SQLITE_OK;
    },
    [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    [](sqlite3_file*) { return 4096; },
    [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
    map_shared,
    [](sqlite3_file*, int, int, int) { return SQLITE_OK; },
    [](sqlite3_file*) {},
    unmap_shared,
    nullptr,
    nullptr,
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* opened = reinterpret_cast<OpenFile*>(file);
  opened->file = new std::shared_ptr<DiskFile>(disk->open(name));
  ++(*opened->file)->handles;
  opened->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

}  // namespace

void DiskFile::apply(std::string& to, const Change& change) {
  if (change.truncates) {
    to.resize(change.offset);
    return;
  }
  if (to.size() < change.offset + change.bytes.size())
    to.resize(change.offset + change.bytes.size());
  to.replace(change.offset, change.bytes.size(), change.bytes);
}

MemoryDisk::MemoryDisk() {
  disk = this;
  real_vfs = sqlite3_vfs_find(nullptr);
  memory_vfs = *real_vfs;
  memory_vfs.zName = "purser_memory_disk";
  memory_vfs.szOsFile = static_cast<int>(sizeof(OpenFile));
  memory_vfs.xOpen = open_file;
  memory_vfs.xDelete = [](sqlite3_vfs*, const char* path, int) {
    disk->erase(path);
    return SQLITE_OK;
  };
  memory_vfs.xAccess = [](sqlite3_vfs*, const char* path, int, int* out) {
    *out = disk->exists(path) ? 1 : 0;
    return SQLITE_OK;
  };
  memory_vfs.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
  };
  // Nothing of the machine may come in: the same seed, the same bytes.
  memory_vfs.xRandomness = [](sqlite3_vfs*, int size, char* out) {
    std::memset(out, 42, static_cast<std::size_t>(size));
    return size;
  };
  memory_vfs.xSleep = [](sqlite3_vfs*, int micros) { return micros; };
  sqlite3_vfs_register(&memory_vfs, 1);
}

MemoryDisk::~MemoryDisk() {
  sqlite3_vfs_unregister(&memory_vfs);
  sqlite3_vfs_register(real_vfs, 1);
  disk = nullptr;
}

std::shared_ptr<DiskFile> MemoryDisk::open(const char* path) {
  if (path == nullptr) return std::make_shared<DiskFile>();  // a temporary one
  std::shared_ptr<DiskFile>& file = files_[path];
  if (!file) file = std::make_shared<DiskFile>();
  return file;
}

void MemoryDisk::put(const std::string& path, const std::string& data) {
  const auto file = open(path.c_str());
  file->data = file->synced = data;
  file->unsynced.clear();
}

void MemoryDisk::crash(const std::string& from, const std::string& to, Choices& choose) {
  std::map<std::string, std::string> left;
  for (const auto& [path, file] : files_) {
    if (!path.starts_with(from + "/")) continue;
    std::string data = file->synced;
    for (const DiskFile::Change& change : file->unsynced)
      if (choose.one_in(2)) DiskFile::apply(data, change);
    left[to + path.substr(from.size())] = std::move(data);
  }
  for (const auto& [path, data] : left) put(path, data);
}

void MemoryDisk::remove(const std::string& directory) {
  std::erase_if(files_,
                [&](const auto& entry) { return entry.first.starts_with(directory + "/"); });
}

}  // namespace purser::sim
