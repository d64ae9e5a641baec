// What a workspace starts with: `prepare_workspace` makes the default templates and the first admin
// of a real one; `seed_demo` fills the demo workspace that `scripts/start` shows.
//
// The demo: teams engineering (USD 5,000 a month) and marketing (3,000) under a workspace cap of
// 10,000; a senior engineer (150), a marketing analyst (75) and an intern (25) with a `use` key
// each; a service account; two projects; templates; labels; an admin with a `manage` key.
#pragma once

#include <string>
#include <vector>

#include "purser/identity/key_ring.h"
#include "purser/store/store.h"

namespace purser::identity {

struct SeededPerson {
  std::string name;
  std::string email;  // empty for the service account
  std::string team;
  std::string cap_usd;
  std::string key;
};

struct Demo {
  std::vector<SeededPerson> people;
  std::string admin_key;
  std::string admin_sign_in_secret;  // see sign_in.h
};
// Errors: not_empty (the workspace has users already), not_durable.
Result<Demo> seed_demo(store::Store& store, KeyRing& ring, Env& env);

struct FirstAdmin {
  Id user;
  std::string key;             // of kind `manage`
  std::string sign_in_secret;  // see sign_in.h
};
// Default templates (person: USD 50 a month, service: USD 100) and an admin. Errors: not_empty,
// those of create_user.
Result<FirstAdmin> prepare_workspace(store::Store& store, KeyRing& ring, Env& env,
                                     std::string_view admin_name, std::string_view admin_email);

bool has_users(store::Store& store);

}  // namespace purser::identity
