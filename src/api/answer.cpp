#include "answer.h"

#include <algorithm>
#include <array>

namespace purser::api {
namespace {

struct StatusRow {
  std::string_view code;
  int status;
};

// Everything that is not here and does not begin with "unknown_" is the caller's mistake: 400.
constexpr std::array kStatuses = std::to_array<StatusRow>({
    {"no_key", 401},           {"unknown_key", 401},         {"forbidden", 403},
    {"needs_manage_key", 403}, {"unknown_member", 400},      {"unknown_zone", 400},
    {"unknown_period", 400},   {"method_not_allowed", 405},  {"body_too_large", 413},
    {"already_member", 409},   {"already_revoked", 409},     {"ambiguous_team", 409},
    {"deactivated_user", 409}, {"default_template", 409},    {"email_taken", 409},
    {"gets_alerts", 409},      {"last_admin", 409},          {"last_cap", 409},
    {"name_taken", 409},       {"no_default_template", 409}, {"no_team", 409},
    {"not_a_member", 409},     {"not_possible", 409},        {"owning_team", 409},
    {"owns_services", 409},    {"project_not_of_team", 409}, {"too_many_caps", 409},
    {"too_many_keys", 409},    {"clock_in_doubt", 503},      {"busy", 503},
    {"not_durable", 503},      {"shutting_down", 503},       {"unavailable", 503},
    {"internal", 500},
});

}  // namespace

int status_of(const Error& error) {
  const auto row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                [&](const StatusRow& one) { return one.code == error.code; });
  if (row != kStatuses.end()) return row->status;
  if (error.side != Side::client) return 500;
  return error.code.starts_with("unknown_") ? 404 : 400;
}

ApiResponse to_response(const Result<Reply>& result) {
  ApiResponse response;
  response.fields.emplace_back("Content-Type", "application/json");
  response.fields.emplace_back("Cache-Control", "no-store");
  if (result) {
    response.status = result->status;
    response.body = json::serialize(result->body);
    return response;
  }
  const Error& error = result.error();
  response.status = status_of(error);
  if (response.status == 401) response.fields.emplace_back("WWW-Authenticate", "Bearer");
  if (response.status == 503) response.fields.emplace_back("Retry-After", "1");
  response.body =
      json::serialize(json::object{{"error", {{"code", error.code}, {"message", error.message}}}});
  return response;
}

Error forbidden(std::string what) { return Error{"forbidden", std::move(what)}; }

Reply page_reply(json::array items, std::string next) {
  return {json::object{{"items", std::move(items)}, {"next", text_or_null(next)}}};
}

}  // namespace purser::api
