#include "purser/store/audit_trail.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "audit_rows.h"
#include "audit_writer.h"
#include "snapshot.h"

namespace purser::store {
namespace {

audit::Hash hash_of(std::span<const std::uint8_t> bytes) {
  audit::Hash hash{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

template <typename Read>
auto read_file(const std::string& directory_or_file, const Read& read)
    -> Result<decltype(read(std::declval<Connection&>(), Id{}))> {
  std::optional<decltype(read(std::declval<Connection&>(), Id{}))> found;
  const auto done = read_snapshot(directory_or_file, [&](Connection& connection) {
    Id workspace;
    connection.each("SELECT id FROM workspaces", {},
                    [&](const Row& row) { workspace = row.id(0); });
    found = read(connection, workspace);
  });
  if (!done) return done.error();
  return std::move(*found);
}

void check_strays(Connection& connection, audit::ChainCheck& chain) {
  const auto strays = connection.integer(
      "SELECT count(*) FROM audit WHERE workspace NOT IN (SELECT id FROM workspaces)");
  if (strays > 0)
    chain.add(audit::Flaw::malformed, 0,
              std::to_string(strays) + " audit entries are of no workspace that there is.");
}

void check_progress(Connection& connection, const Id& workspace, audit::ChainCheck& chain) {
  const Progress progress = load_progress(connection, workspace);
  const audit::Head& head = chain.head();
  if (head.sequence == progress.audit_sequence && head.hash == progress.audit_hash) return;
  chain.add(audit::Flaw::head, std::min(head.sequence, progress.audit_sequence) + 1,
            "The audit trail ends at entry " + std::to_string(head.sequence) +
                ", but the store wrote " + std::to_string(progress.audit_sequence) +
                ": the newest entries are missing or were changed.");
}

}  // namespace

void check_audit_rows(Connection& connection, const Id& workspace, audit::ChainCheck& chain,
                      const std::function<void(const audit::Entry&)>& also) {
  connection.each(
      "SELECT sequence, at, actor, actor_name, action, target, from_value, to_value, reason, hash, "
      "typeof(sequence) = 'integer' AND sequence > 0 AND typeof(at) = 'integer' AND typeof(actor) "
      "= 'blob' AND length(actor) = 16 AND typeof(hash) = 'blob' AND length(hash) = 32 AND "
      "typeof(actor_name) || typeof(action) || typeof(target) || typeof(from_value) || "
      "typeof(to_value) || typeof(reason) = 'texttexttexttexttexttext' FROM audit WHERE workspace "
      "= ?1 ORDER BY sequence",
      {workspace}, [&](const Row& row) {
        if (!row.boolean(10)) {
          const std::string number(row.text(0));
          chain.add(audit::Flaw::malformed, static_cast<std::uint64_t>(row.integer(0)),
                    "Audit entry " + number.substr(0, 30) +
                        " was edited: a column of it has a type or a length that is never "
                        "written.");
          return;
        }
        audit::Entry entry;
        entry.workspace = workspace;
        entry.sequence = static_cast<std::uint64_t>(row.integer(0));
        entry.at = row.instant(1);
        entry.actor = row.id(2);
        entry.actor_name = row.text(3);
        entry.action = row.text(4);
        entry.target = row.text(5);
        entry.from = row.text(6);
        entry.to = row.text(7);
        entry.reason = row.text(8);
        chain.take(entry, hash_of(row.bytes(9)));
        also(entry);
      });
  check_strays(connection, chain);
  check_progress(connection, workspace, chain);
  chain.finish();
}

audit::Head read_audit_head(Sql& sql, const Id& workspace) {
  audit::Head head;
  sql.each(
      "SELECT sequence, at, hash FROM audit WHERE workspace = ?1 ORDER BY sequence DESC LIMIT 1",
      {workspace}, [&](const Row& row) {
        head.sequence = static_cast<std::uint64_t>(row.integer(0));
        head.at = row.instant(1);
        head.hash = hash_of(row.bytes(2));
      });
  return head;
}

Result<audit::Head> read_audit_head(const std::string& directory_or_file) {
  return read_file(directory_or_file, [](Connection& connection, const Id& workspace) {
    return read_audit_head(static_cast<Sql&>(connection), workspace);
  });
}

Result<AuditTrailReport> verify_audit_trail(const std::string& directory_or_file,
                                            const std::vector<audit::GivenHead>& heads) {
  return read_file(directory_or_file, [&](Connection& connection, const Id& workspace) {
    audit::ChainCheck chain(heads);
    check_audit_rows(connection, workspace, chain, [](const audit::Entry&) {});
    return AuditTrailReport{chain.findings(), chain.entries(), chain.head()};
  });
}

}  // namespace purser::store
