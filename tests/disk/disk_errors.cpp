// The disk fails at the n-th call of a kind, for every n: each in a process of its own, which goes
// on with the script or ends as it sees fit. What it left is opened on a disk that works.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <mutex>

#include "disk_model.h"
#include "script_check.h"
#include "trials.h"

namespace purser::disk {
namespace {

namespace fs = std::filesystem;
using Call = store::DiskCall::Kind;
constexpr std::size_t kMostProblemsShown = 20;
constexpr int kCouldNotOpen = 4;

struct Fault {
  const char* name;
  Call call;
  int error;
  std::uint64_t lasts_calls;  // a full disk stays full for a while
};
constexpr Fault kFaults[] = {
    {"EIO on write", Call::write, SQLITE_IOERR_WRITE, 1},
    {"disk full", Call::write, SQLITE_FULL, 40},
    {"EIO on sync", Call::sync, SQLITE_IOERR_FSYNC, 1},
    {"EIO on read", Call::read, SQLITE_IOERR_READ, 1},
    {"short read", Call::read, SQLITE_OK, 1},
};

// Fails the n-th call. What a failed sync did not bring to the disk is gone from the file, too: the
// kernel may drop what it could not write.
class FailingDisk final : public store::DiskWatcher {
 public:
  FailingDisk(const Fault& fault, std::uint64_t nth) : fault_(fault), nth_(nth) {}

  store::DiskVerdict judge(const store::DiskCall& call) override {
    const std::scoped_lock lock(mutex_);
    if (call.kind == fault_.call && is_due()) {
      if (call.kind == Call::sync) forget_unsynced(call.file);
      if (fault_.error == SQLITE_OK) return {SQLITE_OK, 0, true};
      return {fault_.error, static_cast<int>(call.data.size() / 2), false};
    }
    if (fault_.call == Call::sync)
      if (const auto operation = operation_of(call)) disk_.run(*operation);
    return {};
  }
  std::uint64_t count() const { return seen_; }

 private:
  bool is_due() {
    ++seen_;
    return seen_ > nth_ && seen_ <= nth_ + fault_.lasts_calls;
  }

  void forget_unsynced(const std::string& file) {
    const auto content = disk_.synced(fs::path(file).filename().string()).value_or("");
    // The same inode, which SQLite has open.
    const int descriptor = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    const auto size = static_cast<ssize_t>(content.size());
    if (pwrite(descriptor, content.data(), content.size(), 0) != size ||
        ftruncate(descriptor, size) != 0)
      std::abort();
    close(descriptor);
  }

  const Fault& fault_;
  const std::uint64_t nth_;
  std::mutex mutex_;
  std::uint64_t seen_ = 0;
  DiskModel disk_;
};

class DiskErrors {
 public:
  explicit DiskErrors(const Size& size)
      : size_(size),
        script_(make_script()),
        answers_(script_.steps.size()),
        said_(size.directory + "/said.txt") {
    // Hundreds of these processes abort, as they should.
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
  }

  bool run() {
    for (const Fault& fault : kFaults) run(fault);
    std::cout << "disk errors: " << points_ << " calls failed, " << std::size(kFaults) << " kinds, "
              << problems_ << " lost\n";
    return problems_ == 0;
  }

 private:
  void run(const Fault& fault) {
    const std::uint64_t calls = count_calls(fault);
    std::uint64_t tried = 0, ended = 0, not_opened = 0;
    for (std::uint64_t nth = 0; nth < calls; nth += size_.every) {
      ++tried;
      const int status = run_child(fault, nth);
      if (WIFSIGNALED(status)) ++ended;
      if (WIFEXITED(status) && WEXITSTATUS(status) == kCouldNotOpen) ++not_opened;
      check(fault, nth, status);
    }
    points_ += tried;
    std::cout << fault.name << ": " << tried << " of " << calls << " calls; the process ended at "
              << ended << ", could not open at " << not_opened << ", went on at "
              << tried - ended - not_opened << "\n";
  }

  std::uint64_t count_calls(const Fault& fault) {
    FailingDisk disk(fault, std::numeric_limits<std::uint64_t>::max() / 2);
    if (!run_with(disk).empty()) throw std::runtime_error("the script could not run");
    return disk.count();
  }

  std::string run_with(FailingDisk& disk) {
    fs::remove_all(directory_);
    answers_.clear();
    const store::FaultVfs vfs;
    store::FaultVfs::faults().watcher = &disk;
    return run_script(script_, directory_, answers_, [] { return std::uint64_t{0}; });
  }

  int run_child(const Fault& fault, std::uint64_t nth) {
    std::cout.flush();
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("no process can be made");
    if (child == 0) {
      const int said = open(said_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      if (said < 0 || dup2(said, STDERR_FILENO) < 0) _exit(3);
      FailingDisk disk(fault, nth);
      const std::string why = run_with(disk);
      if (why.empty()) _exit(0);
      std::cerr << why << "\n";
      _exit(kCouldNotOpen);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) throw std::runtime_error("a process was lost");
    return status;
  }

  void check(const Fault& fault, std::uint64_t nth, int status) {
    const std::string where = std::string(fault.name) + ", call " + std::to_string(nth);
    std::ifstream file(said_);
    const std::string said{std::istreambuf_iterator<char>(file), {}};
    const auto tell = [&](const std::string& problem) {
      if (++problems_ <= kMostProblemsShown) std::cout << where << ": " << problem << "\n";
    };
    const bool went_on = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    const bool not_opened = WIFEXITED(status) && WEXITSTATUS(status) == kCouldNotOpen;
    const bool gave_up = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
                         said.find("The process ends; look at the disk") != std::string::npos;
    if (not_opened && said.find("ledger.db") == std::string::npos)
      tell("It did not open and did not say why: " + said);
    if (!went_on && !not_opened && !gave_up)
      tell("It ended with status " + std::to_string(status) + ": " + said);
    const Checked checked =
        check_recovery(script_, answers_, std::numeric_limits<std::uint64_t>::max(), directory_);
    for (const std::string& each : checked.problems) tell(each);
  }

  const Size& size_;
  const Script script_;
  Answers answers_;
  const std::string said_;
  const std::string directory_ = size_.directory + "/errors";
  std::uint64_t points_ = 0, problems_ = 0;
};

}  // namespace

bool run_disk_errors(const Size& size) { return DiskErrors(size).run(); }

}  // namespace purser::disk
