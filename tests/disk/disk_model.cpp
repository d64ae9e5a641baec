#include "disk_model.h"

#include <algorithm>
#include <filesystem>

namespace purser::disk {
namespace {

using Kind = store::DiskCall::Kind;
using Content = std::optional<std::string>;
constexpr std::size_t kSectorBytes = 512;

void put(std::string& content, std::size_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

void put_operation(Content& content, const DiskOperation& operation) {
  if (operation.kind == Kind::remove) {
    content.reset();
    return;
  }
  if (!content) content.emplace();
  const auto offset = static_cast<std::size_t>(operation.offset);
  if (operation.kind == Kind::write) put(*content, offset, operation.bytes);
  if (operation.kind == Kind::truncate) content->resize(offset);
}

bool is_removal(const DiskOperation& each) { return each.kind == Kind::remove; }

bool coin(std::mt19937_64& random) { return random() % 2 == 0; }

// Each sector that the write touches is written or is not; one of them in part.
void put_torn(Content& content, const DiskOperation& write, std::mt19937_64& random) {
  if (write.kind != Kind::write || write.bytes.empty()) return;
  if (!content) content.emplace();
  const auto begin = static_cast<std::size_t>(write.offset), end = begin + write.bytes.size();
  const std::size_t split = begin + random() % write.bytes.size();
  for (std::size_t at = begin; at < end;) {
    const std::size_t next = std::min(end, at / kSectorBytes * kSectorBytes + kSectorBytes);
    const std::size_t stop = at <= split && split < next ? split : next;
    if (coin(random))
      put(*content, at, std::string_view(write.bytes).substr(at - begin, stop - at));
    at = next;
  }
}

// A removed file's name belongs to another file from then on: order is kept across it, and where
// the removal is forgotten, so is the new file.
void put_reordered(Content& content, std::vector<DiskOperation> pending, std::mt19937_64& random) {
  for (auto first = pending.begin(); first != pending.end();) {
    const auto last = std::find_if(first, pending.end(), is_removal);
    std::shuffle(first, last, random);
    for (; first != last; ++first) {
      const auto fate = random() % 4;
      if (fate == 0) put_torn(content, *first, random);
      if (fate > 1) put_operation(content, *first);
    }
    if (first == pending.end() || coin(random)) return;
    put_operation(content, *first++);
  }
}

}  // namespace

std::string_view name(Cut cut) {
  switch (cut) {
    case Cut::forgets:
      return "forgets";
    case Cut::tears:
      return "tears";
    case Cut::reorders:
      break;
  }
  return "reorders";
}

std::optional<DiskOperation> operation_of(const store::DiskCall& call) {
  if (call.kind == Kind::open || call.kind == Kind::read) return std::nullopt;
  return DiskOperation{call.kind, std::filesystem::path(call.file).filename().string(), call.offset,
                       std::string(call.data.begin(), call.data.end()), call.syncs_directory};
}

DiskModel::DiskModel(const Files& synced) {
  for (const auto& [name, content] : synced) files_[name].synced = content;
}

void DiskModel::run(const DiskOperation& operation) {
  File& file = files_[operation.file];
  const bool durable =
      operation.kind == Kind::sync || (operation.kind == Kind::remove && operation.syncs_directory);
  if (operation.kind != Kind::sync) file.pending.push_back(operation);
  if (!durable) return;
  const bool is_new =
      !file.synced || std::any_of(file.pending.begin(), file.pending.end(), is_removal);
  if (operation.kind == Kind::remove || is_new) sync_directory();
  for (const DiskOperation& each : file.pending) put_operation(file.synced, each);
  file.pending.clear();
  if (operation.kind == Kind::sync && !file.synced) file.synced.emplace();
}

// The first sync of a new journal or log syncs its directory: no removed file comes back.
void DiskModel::sync_directory() {
  for (auto& [name, file] : files_) {
    const auto last = std::find_if(file.pending.rbegin(), file.pending.rend(), is_removal);
    if (last == file.pending.rend()) continue;
    file.synced.reset();
    file.pending.erase(file.pending.begin(), last.base());
  }
}

Files DiskModel::cut(Cut kind, const DiskOperation& under_way, std::mt19937_64& random) const {
  std::map<std::string, File> files = files_;
  if (under_way.kind != Kind::sync) files[under_way.file].pending.push_back(under_way);
  Files left;
  for (auto& [name, file] : files) {
    Content content = std::move(file.synced);
    auto& pending = file.pending;
    if (kind == Cut::reorders) put_reordered(content, std::move(pending), random);
    if (kind == Cut::tears) {
      // While a sync is under way, the last write before it is the torn one.
      const bool torn = name == under_way.file && !pending.empty();
      for (std::size_t i = 0; i + (torn ? 1 : 0) < pending.size(); ++i)
        put_operation(content, pending[i]);
      if (torn) put_torn(content, pending.back(), random);
    }
    if (content) left.emplace(name, std::move(*content));
  }
  return left;
}

std::optional<std::string> DiskModel::synced(const std::string& file) const {
  const auto found = files_.find(file);
  return found == files_.end() ? std::nullopt : found->second.synced;
}

}  // namespace purser::disk
