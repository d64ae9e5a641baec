#include "directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace purser::store {
namespace {

Error cannot_write(const std::string& what, int error) {
  return {"cannot_write", what + ": " + std::strerror(error) + ".", Side::us};
}

Result<void> make_private(const std::string& path, mode_t mode) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return cannot_write("Cannot look at " + path, errno);
  if ((found.st_mode & 07777) == mode) return {};
  if (chmod(path.c_str(), mode) != 0)
    return cannot_write("Cannot take " + path + " away from other users", errno);
  return {};
}

std::string read_pid(int descriptor) {
  char text[32];
  const ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
  if (size <= 0) return "unknown";
  std::string pid(text, static_cast<std::size_t>(size));
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid;
}

}  // namespace

std::string ledger_file(const std::string& directory) { return directory + "/ledger.db"; }

Result<void> prepare_directory(const std::string& directory) {
  std::error_code error;
  const auto parent = std::filesystem::path(directory).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return cannot_write("Cannot make the directory " + directory, errno);
  if (auto made = make_private(directory, 0700); !made) return made;
  const std::string file = ledger_file(directory);
  // SQLite gives its log and shared memory the mode of the database.
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot_write("Cannot open " + file, errno);
  close(descriptor);
  return make_private(file, 0600);
}

Result<void> make_new_file(const std::string& file) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot_write("Cannot make " + file, errno);
  close(descriptor);
  return {};
}

Result<void> sync_file_and_directory(const std::string& file) {
  auto parent = std::filesystem::path(file).parent_path().string();
  if (parent.empty()) parent = ".";
  for (const std::string& path : {file, parent}) {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return cannot_write("Cannot open " + path, errno);
    const int failed = fsync(descriptor) != 0 ? errno : 0;
    close(descriptor);
    if (failed != 0) return cannot_write("Cannot bring " + path + " to the disk", failed);
  }
  return {};
}

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  const std::string file = directory + "/ledger.lock";
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot_write("Cannot open " + file, errno);
  DirectoryLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Error{"locked",
                 "Another Purser (process " + read_pid(descriptor) + ") works in " + directory +
                     ". Stop it first, or choose another directory.",
                 Side::us};
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return cannot_write("Cannot write " + file, errno);
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace purser::store
