#include "purser/identity/labels.h"

#include <optional>

#include "audit_json.h"
#include "keys_touched.h"
#include "purser/identity/names.h"
#include "template_caps.h"
#include "unknown.h"

namespace purser::identity {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, name, created FROM labels WHERE workspace = ?1 AND ended IS NULL";

Label label_of(const store::Row& row) {
  return {row.id(0), std::string(row.text(1)), row.instant(2)};
}

std::string audit_json(std::string_view name) { return AuditJson().text("name", name).str(); }

Result<std::string> free_name(store::Change& change, std::string_view name, const Id& but) {
  auto checked = checked_label(name);
  if (!checked) return checked;
  if (is_name_taken(change.sql(), change.workspace(), "labels", folded(*checked), but))
    return name_taken("label", *checked);
  return checked;
}

}  // namespace

Result<Id> create_label(store::Change& change, std::string_view name, const ChangedBy& by) {
  const auto checked = free_name(change, name, Id{});
  if (!checked) return checked.error();
  const Id id = change.new_id();
  change.sql().run(
      "INSERT INTO labels (workspace, id, name, handle, created) VALUES (?1, ?2, ?3, ?4, ?5)",
      {change.workspace(), id, *checked, folded(*checked), change.now()});
  change.audit(
      {by.actor, "label.create", "label/" + *checked, "", audit_json(*checked), by.reason});
  return id;
}

Result<void> rename_label(store::Change& change, const Id& id, std::string_view name,
                          const ChangedBy& by) {
  const auto before = load_label(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  const auto checked = free_name(change, name, id);
  if (!checked) return checked.error();
  if (*checked == before->name) return {};
  change.sql().run("UPDATE labels SET name = ?3, handle = ?4 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, *checked, folded(*checked)});
  change.audit({by.actor, "label.update", "label/" + before->name, audit_json(before->name),
                audit_json(*checked), by.reason});
  return {};
}

Result<void> end_label(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto before = load_label(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  change.sql().run("UPDATE labels SET ended = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, change.now()});
  change.audit(
      {by.actor, "label.end", "label/" + before->name, audit_json(before->name), "", by.reason});
  clear_default(change, "default_label", id, {}, by);
  return end_caps(change, {ledger::ScopeKind::label, id}, by);
}

Result<Label> load_label(store::Sql& sql, const Id& workspace, const Id& id) {
  std::optional<Label> found;
  sql.each(std::string(kSelect) + " AND id = ?2", {workspace, id},
           [&](const store::Row& row) { found = label_of(row); });
  if (found) return *found;
  return unknown(sql, workspace, "label", to_text(kLabelPrefix, id));
}

Result<Label> find_label(store::Sql& sql, const Id& workspace, std::string_view id_or_name) {
  if (const auto id = parse_id(kLabelPrefix, id_or_name)) return load_label(sql, workspace, *id);
  std::optional<Label> found;
  sql.each(std::string(kSelect) + " AND handle = ?2", {workspace, folded(id_or_name)},
           [&](const store::Row& row) { found = label_of(row); });
  if (found) return *found;
  return unknown(sql, workspace, "label", id_or_name);
}

std::vector<Label> list_labels(store::Sql& sql, const Id& workspace) {
  std::vector<Label> labels;
  sql.each(std::string(kSelect) + " ORDER BY handle", {workspace},
           [&](const store::Row& row) { labels.push_back(label_of(row)); });
  return labels;
}

}  // namespace purser::identity
