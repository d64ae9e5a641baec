#include "purser/identity/principal.h"

namespace purser::identity {

std::string_view name(KeyKind kind) { return kind == KeyKind::use ? "use" : "manage"; }

std::string_view name(UserKind kind) { return kind == UserKind::person ? "person" : "service"; }

std::string_view name(Role role) {
  switch (role) {
    case Role::member:
      return "member";
    case Role::lead:
      return "lead";
    case Role::finance:
      return "finance";
    case Role::admin:
      return "admin";
  }
  return "member";
}

std::optional<KeyKind> parse_key_kind(std::string_view text) {
  for (const auto kind : {KeyKind::use, KeyKind::manage}) {
    if (text == name(kind)) return kind;
  }
  return std::nullopt;
}

std::optional<UserKind> parse_user_kind(std::string_view text) {
  for (const auto kind : {UserKind::person, UserKind::service}) {
    if (text == name(kind)) return kind;
  }
  return std::nullopt;
}

std::optional<Role> parse_role(std::string_view text) {
  for (const auto role : {Role::member, Role::lead, Role::finance, Role::admin}) {
    if (text == name(role)) return role;
  }
  return std::nullopt;
}

}  // namespace purser::identity
