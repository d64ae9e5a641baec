// The power goes at every call that changes a file, in each of three ways. The script runs once,
// recorded; what each cut leaves is made up from the record and opened. The opening itself is
// recorded too, from time to time, and cut at each of its own calls.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>

#include "disk_model.h"
#include "script_check.h"
#include "trials.h"

namespace purser::disk {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostProblemsShown = 20;
constexpr std::uint64_t kCutsBetweenRecoveries = 97;

class Recorder final : public store::DiskWatcher {
 public:
  store::DiskVerdict judge(const store::DiskCall& call) override {
    if (auto operation = operation_of(call)) {
      const std::scoped_lock lock(mutex_);
      operations_.push_back(std::move(*operation));
    }
    return {};
  }
  std::uint64_t count() const {
    const std::scoped_lock lock(mutex_);
    return operations_.size();
  }
  std::vector<DiskOperation> take() { return std::move(operations_); }

 private:
  mutable std::mutex mutex_;
  std::vector<DiskOperation> operations_;
};

class PowerCuts {
 public:
  explicit PowerCuts(const Size& size)
      : size_(size), script_(make_script()), answers_(script_.steps.size()) {}

  bool run() {
    const std::vector<DiskOperation> operations = record_script();
    DiskModel disk;
    for (std::uint64_t at = 0; at < operations.size(); ++at) {
      if (at % size_.every == 0) cut_at(disk, operations[at], at);
      disk.run(operations[at]);
    }
    tell(operations.size());
    return problems_ == 0;
  }

 private:
  std::vector<DiskOperation> record_script() {
    Recorder recorder;
    vfs_.faults().watcher = &recorder;
    const std::string why =
        run_script(script_, fresh_directory("script"), answers_, [&] { return recorder.count(); });
    vfs_.faults().watcher = nullptr;
    if (!why.empty()) throw std::runtime_error("the script could not run: " + why);
    return recorder.take();
  }

  std::string fresh_directory(const char* what) {
    const std::string directory = size_.directory + "/" + what;
    fs::remove_all(directory);
    return directory;
  }

  std::string write_files(const Files& files) {
    const std::string directory = fresh_directory("cut");
    fs::create_directories(directory);
    for (const auto& [name, content] : files)
      std::ofstream(directory + "/" + name, std::ios::binary) << content;
    return directory;
  }

  void cut_at(const DiskModel& disk, const DiskOperation& under_way, std::uint64_t at) {
    ++points_;
    if (under_way.kind == store::DiskCall::Kind::sync) ++syncs_;
    for (const Cut kind : kCuts) {
      std::mt19937_64 random(at * 3 + static_cast<std::uint64_t>(kind));
      const Files files = disk.cut(kind, under_way, random);
      const std::string where =
          "cut at call " + std::to_string(at) + " (" + std::string(name(kind)) + ")";
      if (cuts_++ % kCutsBetweenRecoveries == 0) cut_recovery(files, at, where);
      check(write_files(files), at, where);
    }
  }

  void check(const std::string& directory, std::uint64_t at, const std::string& where) {
    const Checked checked = check_recovery(script_, answers_, at, directory);
    unconfirmed_ += checked.unconfirmed;
    most_confirmed_ = std::max(most_confirmed_, checked.confirmed);
    for (const std::string& each : checked.problems)
      if (++problems_ <= kMostProblemsShown) std::cout << where << ": " << each << "\n";
  }

  // The power comes back, and goes again while the store opens.
  void cut_recovery(const Files& files, std::uint64_t at, const std::string& where) {
    const std::string directory = write_files(files);
    Recorder recorder;
    vfs_.faults().watcher = &recorder;
    ManualEnv env(script_.end, 5);
    store::StoreOptions options;
    options.directory = directory;
    const bool opened = store::Store::open(options, env).ok();
    vfs_.faults().watcher = nullptr;
    if (!opened) return;  // told by the check of these files
    DiskModel disk(files);
    std::uint64_t call = 0;
    for (const DiskOperation& operation : recorder.take()) {
      const Cut kind = kCuts[call % 3];
      std::mt19937_64 random(at + call);
      ++recovery_cuts_;
      check(write_files(disk.cut(kind, operation, random)), at,
            where + ", and again at call " + std::to_string(call) + " of the recovery (" +
                std::string(name(kind)) + ")");
      disk.run(operation);
      ++call;
    }
  }

  void tell(std::size_t calls) const {
    std::size_t kinds[Answer::failed + 1] = {};
    for (std::size_t i = 0; i < answers_.size(); ++i) ++kinds[answers_[i].state];
    std::cout << script_.steps.size() << " commands: " << kinds[Answer::done] << " done, "
              << kinds[Answer::refused] << " refused, " << kinds[Answer::failed]
              << " not possible, " << kinds[Answer::unsent] << " restarts and checkpoints; "
              << calls << " calls that change a file\n"
              << "at most " << most_confirmed_ << " commands confirmed before a cut, "
              << unconfirmed_ << " holds settled unconfirmed after\n"
              << "power cut: " << points_ << " cut points (" << syncs_
              << " of them syncs), 3 kinds, " << cuts_ << " cuts, " << recovery_cuts_
              << " more during recovery, " << problems_ << " lost\n";
  }

  const Size& size_;
  const Script script_;
  Answers answers_;
  store::FaultVfs vfs_;
  std::uint64_t points_ = 0, syncs_ = 0, cuts_ = 0, recovery_cuts_ = 0, problems_ = 0;
  std::uint64_t unconfirmed_ = 0, most_confirmed_ = 0;
};

}  // namespace

bool run_power_cuts(const Size& size) { return PowerCuts(size).run(); }

}  // namespace purser::disk
