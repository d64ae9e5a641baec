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
    {"no_key", 401},
    {"unknown_key", 401},
    {"forbidden", 403},
    {"needs_manage_key", 403},
    {"unknown_member", 400},
    {"unknown_zone", 400},
    {"unknown_period", 400},
    {"method_not_allowed", 405},
    {"body_too_large", 413},
    {"already_member", 409},
    {"already_revoked", 409},
    {"ambiguous_team", 409},
    {"deactivated_user", 409},
    {"default_template", 409},
    {"email_taken", 409},
    {"gets_alerts", 409},
    {"last_admin", 409},
    {"last_cap", 409},
    {"name_taken", 409},
    {"no_default_template", 409},
    {"no_team", 409},
    {"not_a_member", 409},
    {"not_possible", 409},
    {"owning_team", 409},
    {"owns_services", 409},
    {"project_not_of_team", 409},
    {"too_many_caps", 409},
    {"too_many_keys", 409},
    {"clock_in_doubt", 503},
    {"busy", 503},
    {"not_durable", 503},
    {"shutting_down", 503},
    {"unavailable", 503},
    {"internal", 500},
    {"no_limits", 400},
    {"own_request", 403},
    {"raise_request_ended", 409},
    {"too_many_raise_requests", 409},
    {"no_session", 401},
    {"wrong_sign_in", 401},
    {"wrong_secret", 401},
    {"needs_session", 403},
    {"foreign_page", 403},
    {"too_many_attempts", 429},
    {"wrong_content_type", 400},
});

// How many bytes the character at the front has; 0 where it is not UTF-8 (RFC 3629).
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string valid_utf8(std::string text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto length = character_length(std::string_view(text).substr(at));
    if (length == 0) {
      out.append(text, 0, out.empty() ? at : 0);
      out += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    if (!out.empty()) out.append(text, at, length);
    at += length;
  }
  return out.empty() ? text : out;
}

int status_of(const Error& error) {
  const auto row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                [&](const StatusRow& one) { return one.code == error.code; });
  if (row != kStatuses.end()) return row->status;
  if (error.side != Side::client) return 500;
  return error.code.starts_with("unknown_") ? 404 : 400;
}

ApiResponse to_response(const Result<Reply>& result) {
  ApiResponse response;
  const bool is_text = result && !result->content_type.empty();
  response.fields.emplace_back("Content-Type", is_text ? result->content_type : "application/json");
  response.fields.emplace_back("Cache-Control", "no-store");
  if (result) {
    response.status = result->status;
    response.fields.insert(response.fields.end(), result->fields.begin(), result->fields.end());
    response.body = valid_utf8(is_text ? result->text : json::serialize(result->body));
    return response;
  }
  const Error& error = result.error();
  response.status = status_of(error);
  if (response.status == 401) response.fields.emplace_back("WWW-Authenticate", "Bearer");
  if (response.status == 429) response.fields.emplace_back("Retry-After", "30");
  if (response.status == 503) response.fields.emplace_back("Retry-After", "1");
  response.body = valid_utf8(
      json::serialize(json::object{{"error", {{"code", error.code}, {"message", error.message}}}}));
  return response;
}

Error forbidden(std::string what) { return Error{"forbidden", std::move(what)}; }

Reply page_reply(json::array items, std::string next) {
  return {json::object{{"items", std::move(items)}, {"next", text_or_null(next)}}};
}

}  // namespace purser::api
