#include "beta_notices.h"

#include <algorithm>

namespace purser::gateway {
namespace {

constexpr std::string_view kAction = "anthropic_beta.unlisted";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

bool is_recorded(store::Store& store, const std::string& name) {
  bool found = false;
  store.read([&](store::Sql& sql) {
    sql.each("SELECT 1 FROM audit WHERE workspace = ?1 AND action = ?2 AND target = ?3 LIMIT 1",
             {store.workspace(), kAction, name}, [&](const store::Row&) { found = true; });
  });
  return found;
}

}  // namespace

bool BetaNotices::count(const std::string& beta) {
  const bool can_be_named =
      beta.size() <= kMostNameBytes && std::all_of(beta.begin(), beta.end(), is_plain);
  bool is_new = false;
  bool is_named = false;
  if (can_be_named) {
    const std::scoped_lock lock(mutex_);
    is_new = names_.size() < kMostNames && names_.insert(beta).second;
    is_named = names_.contains(beta);
  }
  counter_.add("beta=\"" + (is_named ? beta : std::string("other")) + "\"");
  return is_new;
}

void BetaNotices::record(store::Store& store, const std::string& beta) {
  const auto write = [&](store::Change& change) -> Result<void> {
    store::AuditEntry entry;
    entry.actor.name = "purser";
    entry.action = kAction;
    entry.target = beta;
    entry.reason =
        "A client sent this value of anthropic-beta, which Purser does not know; it passed. Check "
        "that it does not change what a request costs.";
    change.audit(entry);
    return {};
  };
  // Where it cannot be read or written now, the metric still tells of it.
  try {
    if (!is_recorded(store, beta)) static_cast<void>(store.change(write).ok());
  } catch (const store::SqlError&) {
  }
}

}  // namespace purser::gateway
