// Who a key speaks for. A value, shared and immutable; it is as old as `identity_version` says, and
// the store refuses a reserve that carries an old one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "purser/base/id.h"

namespace purser::identity {

enum class KeyKind : std::uint8_t { use = 0, manage = 1 };
enum class UserKind : std::uint8_t { person = 0, service = 1 };
enum class Role : std::uint8_t { member = 0, lead = 1, finance = 2, admin = 3 };
std::string_view name(KeyKind kind);
std::string_view name(UserKind kind);
std::string_view name(Role role);
std::optional<KeyKind> parse_key_kind(std::string_view text);
std::optional<UserKind> parse_user_kind(std::string_view text);
std::optional<Role> parse_role(std::string_view text);  // all four

struct Principal {
  Id key;
  KeyKind key_kind = KeyKind::use;
  std::int64_t identity_version = 0;
  Id user;
  std::string user_name;
  std::string user_email;  // empty for a service account
  UserKind user_kind = UserKind::person;
  Role role = Role::member;  // workspace-wide: member, finance or admin; lead is of a team
  Id team;                   // of a `use` key: whom it pays under
  std::string team_name;
  Id membership;
  bool leads_team = false;
  Id default_project;  // zero: none
  Id default_label;
  std::optional<int> refusal_status;  // the key's settings
  bool cost_comment_in_streams = false;
};

}  // namespace purser::identity
