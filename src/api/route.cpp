#include "route.h"

#include "handlers.h"
#include "unconfirmed.h"

namespace purser::api {
namespace {

using enum Access;
constexpr auto kNone = BodyKind::none;
constexpr auto kJson = BodyKind::json;
constexpr auto kRaw = BodyKind::raw;

constexpr Route kRoutes[] = {
    {"POST", "/api/v1/sign-in", anyone, sign_in, kJson},
    {"POST", "/api/v1/sign-out", session, sign_out, kJson},
    {"POST", "/api/v1/password", session, change_password, kJson},
    {"POST", "/api/v1/users/{user}/sign-in-secret", admin, make_sign_in_secret, kJson, true},

    {"GET", "/api/v1/me", any_key, get_me},
    {"GET", "/api/v1/me/tasks", any_key, list_my_tasks},
    {"GET", "/api/v1/requests/{request}", any_key, get_request},
    {"POST", "/api/v1/estimate", any_key, post_estimate, kJson},

    {"GET", "/api/v1/users", manage, list_users},
    {"POST", "/api/v1/users", admin, create_user, kJson, true},
    {"GET", "/api/v1/users/{user}", manage, get_user},
    {"PATCH", "/api/v1/users/{user}", admin, update_user, kJson, true},
    {"POST", "/api/v1/users/{user}/deactivate", admin, deactivate_user, kJson, true},
    {"POST", "/api/v1/users/{user}/reactivate", admin, reactivate_user, kJson, true},
    {"PUT", "/api/v1/users/{user}/template", admin, give_template, kJson, true},

    {"GET", "/api/v1/teams", manage, list_teams},
    {"POST", "/api/v1/teams", admin, create_team, kJson, true},
    {"GET", "/api/v1/teams/{team}", manage, get_team},
    {"PATCH", "/api/v1/teams/{team}", admin, update_team, kJson, true},
    {"DELETE", "/api/v1/teams/{team}", admin, end_team, kNone, true},

    {"GET", "/api/v1/memberships", manage, list_memberships},
    {"POST", "/api/v1/memberships", admin, create_membership, kJson, true},
    {"PATCH", "/api/v1/memberships/{membership}", admin, update_membership, kJson, true},
    {"DELETE", "/api/v1/memberships/{membership}", admin, end_membership, kNone, true},

    {"GET", "/api/v1/projects", manage, list_projects},
    {"POST", "/api/v1/projects", admin, create_project, kJson, true},
    {"GET", "/api/v1/projects/{project}", manage, get_project},
    {"PATCH", "/api/v1/projects/{project}", admin, update_project, kJson, true},
    {"DELETE", "/api/v1/projects/{project}", admin, end_project, kNone, true},

    {"GET", "/api/v1/labels", manage, list_labels},
    {"POST", "/api/v1/labels", admin, create_label, kJson, true},
    {"GET", "/api/v1/labels/{label}", manage, get_label},
    {"PATCH", "/api/v1/labels/{label}", admin, update_label, kJson, true},
    {"DELETE", "/api/v1/labels/{label}", admin, end_label, kNone, true},

    {"GET", "/api/v1/keys", manage, list_keys},
    {"POST", "/api/v1/keys", admin, create_key, kJson, true},
    {"GET", "/api/v1/keys/{key}", manage, get_key},
    {"PATCH", "/api/v1/keys/{key}", admin, update_key, kJson, true},
    {"POST", "/api/v1/keys/{key}/revoke", manage, revoke_key, kJson, true},

    {"GET", "/api/v1/templates", manage, list_templates},
    {"POST", "/api/v1/templates", admin, create_template, kJson, true},
    {"GET", "/api/v1/templates/{template}", manage, get_template},
    {"PATCH", "/api/v1/templates/{template}", admin, update_template, kJson, true},
    {"DELETE", "/api/v1/templates/{template}", admin, end_template, kNone, true},

    {"GET", "/api/v1/caps", manage, list_caps},
    {"PUT", "/api/v1/caps", admin, set_cap, kJson, true},
    {"POST", "/api/v1/caps/reallocate", admin, reallocate, kJson, true},
    {"GET", "/api/v1/caps/{cap}", manage, get_cap},
    {"DELETE", "/api/v1/caps/{cap}", admin, end_cap, kNone, true},
    {"GET", "/api/v1/caps/{cap}/case", manage, get_cap_case},
    {"POST", "/api/v1/caps/{cap}/raise", admin, raise_cap, kJson, true},
    {"DELETE", "/api/v1/caps/{cap}/raise", admin, end_raise, kNone, true},

    {"GET", "/api/v1/request-rules", reader, list_request_rules},
    {"PUT", "/api/v1/request-rules", admin, set_request_rule, kJson, true},

    {"POST", "/api/v1/raise-requests", any_key, ask_for_raise, kJson, true},
    {"GET", "/api/v1/raise-requests", any_key, list_raise_requests},
    {"GET", "/api/v1/raise-requests/{request}", any_key, get_raise_request},
    {"POST", "/api/v1/raise-requests/{request}/grant", admin, grant_raise_request, kJson, true},
    {"POST", "/api/v1/raise-requests/{request}/decline", admin, decline_raise_request, kJson, true},
    {"POST", "/api/v1/raise-requests/{request}/withdraw", any_key, withdraw_raise_request, kJson,
     true},

    {"GET", "/api/v1/thresholds", reader, list_thresholds},
    {"PUT", "/api/v1/thresholds", admin, set_thresholds, kJson, true},

    {"GET", "/api/v1/alerts", reader, list_alerts},
    {"POST", "/api/v1/alerts/retry", admin, retry_alerts, kJson, true},
    {"POST", "/api/v1/alerts/test", admin, test_alerts, kJson, true},
    {"GET", "/api/v1/inbox", any_key, list_inbox},
    {"GET", "/api/v1/inbox/{message}", any_key, get_inbox_message},
    {"POST", "/api/v1/inbox/read", any_key, read_inbox, kJson},

    {"GET", "/api/v1/stops", reader, list_stops},
    {"POST", "/api/v1/stop", admin, stop_scope, kJson, true},
    {"POST", "/api/v1/resume", admin, resume_scope, kJson, true},

    {"GET", "/api/v1/usage", manage, get_usage},
    {"GET", "/api/v1/exposure", reader, get_exposure},
    {"GET", "/api/v1/unconfirmed", reader, list_unconfirmed},
    {"POST", "/api/v1/requests/{request}/correct", admin, correct_request, kJson, true},
    {"GET", "/api/v1/audit", reader, list_audit},
    {"GET", "/api/v1/audit/export", reader, export_audit},
    {"GET", "/api/v1/audit/head", reader, get_audit_head},

    {"GET", "/api/v1/prices", manage, list_prices},
    {"PUT", "/api/v1/prices", admin, set_price, kJson, true},
    {"DELETE", "/api/v1/prices/{override}", admin, end_price, kNone, true},

    {"GET", "/api/v1/overspends", reader, list_overspends},
    {"POST", "/api/v1/overspends/clear", admin, clear_overspend, kJson, true},

    {"GET", "/api/v1/settings", reader, get_settings},
    {"PATCH", "/api/v1/settings", admin, update_settings, kJson, true},
    {"GET", "/api/v1/clock", reader, get_clock},
    {"POST", "/api/v1/clock/accept", admin, accept_clock, kJson, true},

    {"POST", "/api/v1/import", admin, import_people, kRaw, true},
};

// Splits at '/', so that an e-mail or a name with an escaped slash is one part.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string_view>& path) {
  const auto wanted = parts_of(pattern);
  if (wanted.size() != path.size()) return std::nullopt;
  std::vector<std::string> params;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      auto decoded = percent_decoded(path[i], false);
      if (!decoded || decoded->empty()) return std::nullopt;
      params.push_back(std::move(*decoded));
    } else if (wanted[i] != path[i]) {
      return std::nullopt;
    }
  }
  return params;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

RouteMatch find_route(std::string_view method, std::string_view path) {
  RouteMatch found;
  const auto parts = parts_of(path);
  for (const auto& route : kRoutes) {
    auto params = match(route.pattern, parts);
    if (!params) continue;
    if (route.method == method) return {&route, std::move(*params), {}};
    const std::string allowed(route.method);
    if (found.allowed.find(allowed) == std::string::npos)
      found.allowed += (found.allowed.empty() ? "" : ", ") + allowed;
  }
  return found;
}

}  // namespace purser::api
