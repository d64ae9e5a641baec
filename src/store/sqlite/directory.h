// The store's directory: made 0700, with files of 0600, and one process at a time in it.
#pragma once

#include <string>

#include "purser/base/result.h"

namespace purser::store {

std::string ledger_file(const std::string& directory);  // "<directory>/ledger.db"

// Makes the directory (0700) and an empty ledger.db (0600) where they are missing; takes away what
// group and others may do. Errors: cannot_write.
Result<void> prepare_directory(const std::string& directory);
// An empty file of 0600 that was not there before. Errors: cannot_write.
Result<void> make_new_file(const std::string& file);
Result<void> sync_file_and_directory(const std::string& file);

// An exclusive flock on `<directory>/ledger.lock`, which holds the pid. Released with the object,
// and by the kernel when the process ends, however it ends.
class DirectoryLock {
 public:
  // Errors: locked (with the other's pid), cannot_write.
  static Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace purser::store
