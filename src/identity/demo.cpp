#include "purser/identity/demo.h"

#include "purser/identity/keys.h"
#include "purser/identity/labels.h"
#include "purser/identity/memberships.h"
#include "purser/identity/projects.h"
#include "purser/identity/sign_in.h"
#include "purser/identity/teams.h"
#include "purser/identity/templates.h"
#include "purser/identity/users.h"

namespace purser::identity {
namespace {

const ChangedBy kBy{{Id{}, "purser"}, "the workspace was made"};

Nanos usd(std::int64_t amount) { return Nanos{amount * kNanosPerUsd}; }

TemplateCap per_month(std::int64_t amount) {
  return {Period::month, ledger::Enforcement::hard, usd(amount)};
}

Error not_empty() {
  return Error{"not_empty", "This workspace has users already; nothing was added."};
}

bool has_users(store::Sql& sql, const Id& workspace) {
  bool found = false;
  sql.each("SELECT 1 FROM users WHERE workspace = ?1 LIMIT 1", {workspace},
           [&](const store::Row&) { found = true; });
  return found;
}

Result<FirstAdmin> make_admin(store::Change& change, KeyRing& ring, Env& env,
                              std::string_view admin_name, std::string_view email) {
  NewUser admin;
  admin.name = admin_name;
  admin.email = email;
  admin.role = Role::admin;
  const auto id = create_user(change, admin, kBy);
  if (!id) return id.error();
  NewKey wanted;
  wanted.kind = KeyKind::manage;
  wanted.user = *id;
  const auto key = create_key(change, ring, env, wanted, kBy);
  if (!key) return key.error();
  const auto secret = create_sign_in_secret(change, ring, env, *id, kBy);
  if (!secret) return secret.error();
  return FirstAdmin{*id, key->text, secret->text};
}

Result<void> set_month_cap(store::Change& change, const ledger::Scope& scope, std::int64_t amount) {
  store::CapSpec spec;
  spec.scope = scope;
  spec.limit = usd(amount);
  auto set = change.set_cap(spec, kBy.actor, kBy.reason);
  if (!set) return set.error();
  return {};
}

// Builds the demo inside one change; the first error ends it.
class DemoBuilder {
 public:
  DemoBuilder(store::Change& change, KeyRing& ring, Env& env)
      : change_(change), ring_(ring), env_(env) {}

  Result<Demo> build() {
    make_templates();
    if (!error_) make_first_admin();
    if (!error_)
      check(set_month_cap(change_, {ledger::ScopeKind::workspace, change_.workspace()}, 10'000));
    if (!error_) engineering_ = make_team("engineering", 5'000);
    if (!error_) marketing_ = make_team("marketing", 3'000);
    if (!error_) make_projects_and_labels();
    if (!error_) add_person("Sam Rivera", "sam@example.com", engineer_, "150", engineering_);
    if (!error_) add_person("Mia Chen", "mia@example.com", analyst_, "75", marketing_);
    if (!error_) add_person("Ines Okafor", "ines@example.com", intern_, "25", marketing_);
    if (!error_) add_service();
    if (error_) return *error_;
    return demo_;
  }

 private:
  struct DemoTeam {
    Id id;
    std::string name;
  };

  void make_first_admin() {
    const auto admin = keep(make_admin(change_, ring_, env_, "Ada Admin", "ada@example.com"));
    demo_.admin_key = admin.key;
    demo_.admin_sign_in_secret = admin.sign_in_secret;
  }

  template <typename T>
  T keep(Result<T> result) {
    if (result) return *result;
    if (!error_) error_ = result.error();
    return T{};
  }
  void check(const Result<void>& result) {
    if (!result && !error_) error_ = result.error();
  }

  void make_templates() {
    engineer_ = keep(create_template(change_, {"engineer", {per_month(150)}, {}}, kBy));
    analyst_ = keep(create_template(change_, {"analyst", {per_month(75)}, {}}, kBy));
    intern_ = keep(create_template(change_, {"intern", {per_month(25)}, {}}, kBy));
    keep(create_template(change_, {"standard", {per_month(50)}, UserKind::person}, kBy));
    keep(create_template(change_, {"service", {per_month(100)}, UserKind::service}, kBy));
  }

  DemoTeam make_team(const std::string& name, std::int64_t amount) {
    const Id id = keep(create_team(change_, name, kBy));
    if (!error_) check(set_month_cap(change_, {ledger::ScopeKind::team, id}, amount));
    return {id, name};
  }

  void make_projects_and_labels() {
    const std::vector<Id> both = {engineering_.id, marketing_.id};
    keep(create_project(change_, "checkout-rewrite", {engineering_.id}, kBy));
    keep(create_project(change_, "spring-launch", both, kBy));
    for (const auto* label : {"support-automation", "code-review", "copywriting", "research"})
      keep(create_label(change_, label, kBy));
  }

  std::string add_key(const Id& user, const DemoTeam& team, std::string_view key_name) {
    NewKey wanted;
    wanted.user = user;
    wanted.team = team.id;
    wanted.settings.name = key_name;
    return keep(create_key(change_, ring_, env_, wanted, kBy)).text;
  }

  void add_person(const std::string& name, const std::string& email, const Id& template_id,
                  const std::string& cap_usd, const DemoTeam& team) {
    NewUser person;
    person.name = name;
    person.email = email;
    person.template_id = template_id;
    const Id id = keep(create_user(change_, person, kBy));
    if (!error_) keep(create_membership(change_, id, team.id, false, kBy));
    if (error_) return;
    const std::string key = add_key(id, team, "laptop");
    demo_.people.push_back({name, email, team.name, cap_usd, key});
    if (first_person_.is_zero()) first_person_ = id;
  }

  void add_service() {
    NewUser service;
    service.kind = UserKind::service;
    service.name = "support-bot";
    service.owner_team = engineering_.id;
    service.alerts_to = first_person_;
    const Id id = keep(create_user(change_, service, kBy));
    if (error_) return;
    const std::string key = add_key(id, engineering_, "production");
    demo_.people.push_back({service.name, "", engineering_.name, "100", key});
  }

  store::Change& change_;
  KeyRing& ring_;
  Env& env_;
  Demo demo_;
  std::optional<Error> error_;
  Id engineer_, analyst_, intern_, first_person_;
  DemoTeam engineering_, marketing_;
};

}  // namespace

Result<Demo> seed_demo(store::Store& store, KeyRing& ring, Env& env) {
  Demo demo;
  auto changed = store.change([&](store::Change& change) -> Result<void> {
    if (has_users(change.sql(), change.workspace())) return not_empty();
    auto built = DemoBuilder(change, ring, env).build();
    if (!built) return built.error();
    demo = *built;
    return {};
  });
  if (!changed) return changed.error();
  ring.reload_directory();
  return demo;
}

Result<FirstAdmin> prepare_workspace(store::Store& store, KeyRing& ring, Env& env,
                                     std::string_view admin_name, std::string_view admin_email) {
  FirstAdmin admin;
  auto changed = store.change([&](store::Change& change) -> Result<void> {
    if (has_users(change.sql(), change.workspace())) return not_empty();
    for (const auto& made : {NewTemplate{"standard", {per_month(50)}, UserKind::person},
                             NewTemplate{"service", {per_month(100)}, UserKind::service}}) {
      auto id = create_template(change, made, kBy);
      if (!id) return id.error();
    }
    auto made = make_admin(change, ring, env, admin_name, admin_email);
    if (!made) return made.error();
    admin = *made;
    return {};
  });
  if (!changed) return changed.error();
  ring.reload_directory();
  return admin;
}

bool has_users(store::Store& store) {
  bool found = false;
  store.read([&](store::Sql& sql) { found = has_users(sql, store.workspace()); });
  return found;
}

}  // namespace purser::identity
