#include "purser/identity/templates.h"

#include "audit_json.h"
#include "open_caps.h"
#include "purser/identity/names.h"
#include "template_caps.h"
#include "unknown.h"

namespace purser::identity {
namespace {

void read_caps(store::Sql& sql, const Id& workspace, Template& into) {
  sql.each(
      "SELECT period, enforcement, limit_nanos FROM template_caps WHERE workspace = ?1 AND "
      "template = ?2 ORDER BY period, enforcement",
      {workspace, into.id}, [&](const store::Row& row) {
        into.caps.push_back({static_cast<Period>(row.integer(0)),
                             static_cast<ledger::Enforcement>(row.integer(1)), row.nanos(2)});
      });
}

std::vector<Template> select(store::Sql& sql, const Id& workspace, std::string_view where,
                             const store::Param& param) {
  std::vector<Template> found;
  sql.each(
      "SELECT id, name, default_for, created FROM templates WHERE workspace = ?1 AND ended IS "
      "NULL AND " +
          std::string(where) + " ORDER BY handle",
      {workspace, param}, [&](const store::Row& row) {
        Template one{row.id(0), std::string(row.text(1)), {}, std::nullopt, row.instant(3)};
        if (!row.is_null(2)) one.default_for = static_cast<UserKind>(row.integer(2));
        found.push_back(std::move(one));
      });
  for (auto& one : found) read_caps(sql, workspace, one);
  return found;
}

std::string audit_json(const Template& of) {
  AuditJson json;
  json.text("name", of.name).raw("caps", caps_json(of.caps));
  json.raw("default_for", of.default_for ? json_text(name(*of.default_for)) : std::string("null"));
  return json.str();
}

void write_caps(store::Change& change, const Template& of) {
  change.sql().run("DELETE FROM template_caps WHERE workspace = ?1 AND template = ?2",
                   {change.workspace(), of.id});
  for (const auto& cap : of.caps) {
    change.sql().run(
        "INSERT INTO template_caps (workspace, template, period, enforcement, limit_nanos) VALUES "
        "(?1, ?2, ?3, ?4, ?5)",
        {change.workspace(), of.id, static_cast<int>(cap.period), static_cast<int>(cap.enforcement),
         cap.limit});
  }
}

// There is one default for each kind; the one that was stops being it.
void take_over_default(store::Change& change, const Template& from, const ChangedBy& by) {
  if (!from.default_for) return;
  const auto was = default_template(change.sql(), change.workspace(), *from.default_for);
  if (!was || was->id == from.id) return;
  change.sql().run("UPDATE templates SET default_for = NULL WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), was->id});
  Template now = *was;
  now.default_for.reset();
  change.audit({by.actor, "template.update", "template/" + was->name, audit_json(*was),
                audit_json(now), by.reason});
}

store::Param default_param(const Template& of) {
  return of.default_for ? store::Param(static_cast<int>(*of.default_for)) : nullptr;
}

Result<void> check_template(store::Change& change, Template& of) {
  auto checked = checked_name(of.name, "template's name");
  if (!checked) return checked.error();
  of.name = *checked;
  if (is_name_taken(change.sql(), change.workspace(), "templates", folded(of.name), of.id))
    return name_taken("template", of.name);
  return check_caps(of.caps);
}

}  // namespace

Result<Id> create_template(store::Change& change, const NewTemplate& made, const ChangedBy& by) {
  Template fresh{change.new_id(), made.name, made.caps, made.default_for, change.now()};
  auto checked = check_template(change, fresh);
  if (!checked) return checked.error();
  take_over_default(change, fresh, by);
  change.sql().run(
      "INSERT INTO templates (workspace, id, name, handle, default_for, created) VALUES (?1, ?2, "
      "?3, ?4, ?5, ?6)",
      {change.workspace(), fresh.id, fresh.name, folded(fresh.name), default_param(fresh),
       fresh.created});
  write_caps(change, fresh);
  change.audit(
      {by.actor, "template.create", "template/" + fresh.name, "", audit_json(fresh), by.reason});
  return fresh.id;
}

Result<TemplateEffect> update_template(store::Change& change, const Id& id,
                                       const TemplateUpdate& update, const ChangedBy& by) {
  const auto before = load_template(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  Template after = *before;
  if (update.name) after.name = *update.name;
  if (update.caps) after.caps = *update.caps;
  if (update.default_for) after.default_for = update.default_for;
  auto checked = check_template(change, after);
  if (!checked) return checked.error();
  // A default can be handed on, not dropped: new users of its kind would be without a cap.
  if (before->default_for && after.default_for != before->default_for) {
    return Error{"default_template", "\"" + before->name + "\" is the default for each new " +
                                         std::string(name(*before->default_for)) +
                                         ": make another template the default for it first."};
  }
  take_over_default(change, after, by);
  change.sql().run(
      "UPDATE templates SET name = ?3, handle = ?4, default_for = ?5 WHERE workspace = ?1 AND id = "
      "?2",
      {change.workspace(), id, after.name, folded(after.name), default_param(after)});
  write_caps(change, after);
  change.audit({by.actor, "template.update", "template/" + before->name, audit_json(*before),
                audit_json(after), by.reason});
  if (!update.caps) return TemplateEffect{};
  return carry_over(change, after, by);
}

Result<void> end_template(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto before = load_template(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  if (before->default_for) {
    return Error{"default_template", "\"" + before->name + "\" is the default for each new " +
                                         std::string(name(*before->default_for)) +
                                         ": make another template the default for it first."};
  }
  change.sql().run("UPDATE templates SET ended = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, change.now()});
  for (const auto& cap : open_caps_with(change.sql(), change.workspace(), id)) {
    store::CapSpec spec{cap.scope, cap.period, cap.enforcement, cap.limit, Id{}};
    auto kept = change.set_cap(spec, by.actor, by.reason);
    if (!kept) return kept.error();
  }
  change.audit(
      {by.actor, "template.end", "template/" + before->name, audit_json(*before), "", by.reason});
  return {};
}

Result<Template> load_template(store::Sql& sql, const Id& workspace, const Id& id) {
  auto found = select(sql, workspace, "id = ?2", id);
  if (!found.empty()) return found.front();
  return unknown(sql, workspace, "template", to_text(kTemplatePrefix, id));
}

Result<Template> find_template(store::Sql& sql, const Id& workspace, std::string_view id_or_name) {
  if (const auto id = parse_id(kTemplatePrefix, id_or_name))
    return load_template(sql, workspace, *id);
  const std::string handle = folded(id_or_name);
  auto found = select(sql, workspace, "handle = ?2", handle);
  if (!found.empty()) return found.front();
  return unknown(sql, workspace, "template", id_or_name);
}

std::optional<Template> default_template(store::Sql& sql, const Id& workspace, UserKind kind) {
  auto found = select(sql, workspace, "default_for = ?2", static_cast<int>(kind));
  if (found.empty()) return std::nullopt;
  return found.front();
}

std::vector<Template> list_templates(store::Sql& sql, const Id& workspace) {
  return select(sql, workspace, "?2 IS NULL", nullptr);
}

}  // namespace purser::identity
