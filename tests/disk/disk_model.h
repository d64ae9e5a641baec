// What a disk owes after a power cut: of each file, what was synced, and of the rest anything or
// nothing. It is told every call that changes a file, and makes up the files that a cut at that
// moment may leave.
//
// What it takes for granted is what SQLite does on a disk with `powersafe overwrite`: a write
// changes no byte outside its range, and a file that was synced has its name in the directory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fault_vfs.h"

namespace purser::disk {

enum class Cut : std::uint8_t {
  forgets,   // nothing that was not synced is there
  tears,     // all that was written is there, but of the last write only some sectors
  reorders,  // of what was not synced some is there, in any order, some of it torn
};
inline constexpr Cut kCuts[] = {Cut::forgets, Cut::tears, Cut::reorders};
std::string_view name(Cut cut);

// One change of a file, with a copy of its bytes.
struct DiskOperation {
  store::DiskCall::Kind kind;
  std::string file;  // its name, without the directory
  std::int64_t offset = 0;
  std::string bytes;
  bool syncs_directory = false;
};
// Nothing where the call changes no file.
std::optional<DiskOperation> operation_of(const store::DiskCall& call);

using Files = std::map<std::string, std::string>;

class DiskModel {
 public:
  DiskModel() = default;
  explicit DiskModel(const Files& synced);
  void run(const DiskOperation& operation);
  // The power goes while `under_way` is running: before it has ended, and after all of `run`.
  Files cut(Cut kind, const DiskOperation& under_way, std::mt19937_64& random) const;
  // As it is on the disk for certain; nothing: the file is not.
  std::optional<std::string> synced(const std::string& file) const;

 private:
  struct File {
    std::optional<std::string> synced;   // nothing: the file is not there
    std::vector<DiskOperation> pending;  // since
  };
  void sync_directory();
  std::map<std::string, File> files_;
};

}  // namespace purser::disk
