// Templates: named sets of caps that users are given. A cap remembers its template; changing the
// template changes every cap that still carries it (a cap set by hand no longer does). The
// workspace has a default template for each kind of user, so that nobody is ever without a cap.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/calendar.h"
#include "purser/identity/changed_by.h"
#include "purser/identity/principal.h"
#include "purser/ledger/scope.h"
#include "purser/store/sql.h"

namespace purser::identity {

struct TemplateCap {
  Period period = Period::month;
  ledger::Enforcement enforcement = ledger::Enforcement::hard;
  Nanos limit;
  bool operator==(const TemplateCap&) const = default;
};

struct Template {
  Id id;
  std::string name;
  std::vector<TemplateCap> caps;
  std::optional<UserKind> default_for;
  Instant created;
};

struct NewTemplate {
  std::string name;
  std::vector<TemplateCap> caps;        // at least one hard one of a month or shorter
  std::optional<UserKind> default_for;  // takes over from the one that was
};
// Errors: bad_name, name_taken, uncapped, duplicate_cap, too_many_caps.
Result<Id> create_template(store::Change& change, const NewTemplate& made, const ChangedBy& by);

struct TemplateUpdate {
  std::optional<std::string> name;
  std::optional<std::vector<TemplateCap>> caps;
  std::optional<UserKind> default_for;
};
struct TemplateEffect {
  std::size_t caps_set = 0;    // made or given another limit
  std::size_t caps_ended = 0;  // of a period that the template no longer has
};
// Changes every cap that still carries the template, in the same transaction. A period that is new
// in the template is given to the users that carry it, but for those with a cap of their own there.
Result<TemplateEffect> update_template(store::Change& change, const Id& id,
                                       const TemplateUpdate& update, const ChangedBy& by);

// The caps that carry it stay, and carry none. Errors: unknown_template, default_template.
Result<void> end_template(store::Change& change, const Id& id, const ChangedBy& by);

// The user's caps become those of the template; caps set by hand for other periods stay.
Result<TemplateEffect> give_template(store::Change& change, const Id& user, const Id& id,
                                     const ChangedBy& by);

// By id or name. Error: unknown_template, which lists those that exist.
Result<Template> find_template(store::Sql& sql, const Id& workspace, std::string_view id_or_name);
Result<Template> load_template(store::Sql& sql, const Id& workspace, const Id& id);
std::optional<Template> default_template(store::Sql& sql, const Id& workspace, UserKind kind);
std::vector<Template> list_templates(store::Sql& sql, const Id& workspace);

// Error: uncapped (no hard cap of a month or shorter), duplicate_cap, too_many_caps.
Result<void> check_caps(const std::vector<TemplateCap>& caps);

}  // namespace purser::identity
