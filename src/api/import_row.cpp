#include "import_row.h"

#include <algorithm>

#include "purser/identity/keys.h"
#include "purser/identity/memberships.h"
#include "purser/identity/names.h"
#include "purser/identity/projects.h"
#include "purser/identity/teams.h"
#include "purser/identity/users.h"

namespace purser::api {
namespace {

constexpr std::string_view kColumns[] = {"name",     "email",   "team",   "role",
                                         "template", "cap_usd", "project"};

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

}  // namespace

Result<ImportColumns> ImportColumns::parse(const CsvRow& header) {
  ImportColumns columns;
  for (const auto& field : header.fields) {
    const std::string name = identity::folded(trimmed(field));
    if (std::find(std::begin(kColumns), std::end(kColumns), name) == std::end(kColumns)) {
      return Error{"bad_csv", "The column \"" + name.substr(0, 40) +
                                  "\" is not known. Known: name, email, team, role, template, "
                                  "cap_usd, project."};
    }
    if (columns.has(name)) return Error{"bad_csv", "The column \"" + name + "\" stands twice."};
    columns.names.push_back(name);
  }
  for (const auto needed : {"name", "email"}) {
    if (!columns.has(needed)) {
      return Error{"bad_csv", "The first line must name the columns; \"" + std::string(needed) +
                                  "\" is missing there."};
    }
  }
  return columns;
}

bool ImportColumns::has(std::string_view column) const {
  return std::find(names.begin(), names.end(), column) != names.end();
}

std::string ImportColumns::get(const CsvRow& row, std::string_view column) const {
  const auto found = std::find(names.begin(), names.end(), column);
  const auto index = static_cast<std::size_t>(found - names.begin());
  return index < row.fields.size() ? trimmed(row.fields[index]) : std::string();
}

ImportRow ImportRow::parse(const ImportColumns& columns, const CsvRow& row) {
  ImportRow out;
  out.name = columns.get(row, "name");
  out.email = columns.get(row, "email");
  out.team = columns.get(row, "team");
  out.role = identity::folded(columns.get(row, "role"));
  out.template_name = columns.get(row, "template");
  out.cap_usd = columns.get(row, "cap_usd");
  out.project = columns.get(row, "project");
  return out;
}

namespace {

// The user without their team: role, template or a cap of their own per month.
Result<identity::NewUser> new_user(store::Change& change, const ImportRow& row) {
  identity::NewUser user;
  user.name = row.name;
  user.email = row.email;
  const auto role = identity::parse_role(row.role.empty() ? "member" : row.role);
  if (!role) return Error{"bad_role", "\"role\" is member, lead, finance or admin."};
  user.role = *role == identity::Role::lead ? identity::Role::member : *role;
  if (!row.template_name.empty() && !row.cap_usd.empty())
    return Error{"bad_cap", "Give \"template\" or \"cap_usd\", not both."};
  if (!row.template_name.empty()) {
    const auto found = identity::find_template(change.sql(), change.workspace(), row.template_name);
    if (!found) return found.error();
    user.template_id = found->id;
  }
  if (!row.cap_usd.empty()) {
    const auto limit = parse_usd(row.cap_usd);
    if (!limit) return limit.error();
    user.caps = {{Period::month, ledger::Enforcement::hard, *limit}};
  }
  return user;
}

Result<std::string> make_use_key(store::Change& change, const Call& call, const Id& user,
                                 const Id& team, const ImportRow& row) {
  identity::NewKey wanted;
  wanted.user = user;
  wanted.team = team;
  if (!row.project.empty()) {
    const auto project = identity::find_project(change.sql(), change.workspace(), row.project);
    if (!project) return project.error();
    wanted.settings.default_project = project->id;
  }
  auto made =
      identity::create_key(change, *call.services.keys, *call.services.env, wanted, call.by);
  if (!made) return made.error();
  return made->text;
}

}  // namespace

Result<ImportedPerson> import_row(store::Change& change, const Call& call, const ImportRow& row,
                                  bool make_key) {
  const auto user = new_user(change, row);
  if (!user) return user.error();
  if (row.role == "lead" && row.team.empty())
    return Error{"bad_role", "A lead needs a team: fill in \"team\"."};
  if (!row.project.empty() && !make_key) {
    return Error{"bad_csv",
                 "\"project\" is the default project of a key: ask for keys, or leave it out."};
  }
  std::optional<identity::Team> team;
  if (!row.team.empty()) {
    const auto found = identity::find_team(change.sql(), change.workspace(), row.team);
    if (!found) return found.error();
    team = *found;
  }
  const auto id = identity::create_user(change, *user, call.by);
  if (!id) return id.error();
  ImportedPerson person{*id, {}};
  if (!team) return person;
  const auto membership =
      identity::create_membership(change, *id, team->id, row.role == "lead", call.by);
  if (!membership) return membership.error();
  if (!make_key) return person;
  auto key = make_use_key(change, call, *id, team->id, row);
  if (!key) return key.error();
  person.key = *key;
  return person;
}

}  // namespace purser::api
