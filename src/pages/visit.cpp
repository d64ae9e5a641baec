#include "visit.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace purser::pages {
namespace {

constexpr std::size_t kMaxPathBytes = 1024;

json::value parsed(const std::string& text) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  return failed ? json::value() : value;
}

}  // namespace

std::string Answer::message() const {
  const std::string text = text_at(body, "error.message");
  return text.empty() ? "Purser could not do this; try again." : text;
}

Visit::Visit(const Services& services, const api::ApiRequest& request)
    : services_(services), request_(request), query_(Form::parse(request.query)) {
  if (request.method == "POST") form_ = Form::parse(request.body);
  if (request.session.empty()) return;
  Answer me = get("/api/v1/me");
  if (!me.ok()) return;
  visitor_ = Visitor{text_at(me.body, "user.name"), text_at(me.body, "user.email"),
                     text_at(me.body, "user.role")};
  me_ = std::move(me.body);
}

Answer Visit::ask(const std::string& method, const std::string& path, const std::string& query,
                  const std::string& body) const {
  api::ApiRequest request;
  request.method = method;
  request.path = path;
  request.query = query;
  request.body = body;
  request.content_type = "application/json";
  request.session = request_.session;
  request.fetch_site = "same-origin";
  request.peer = request_.peer;
  const api::ApiResponse response = services_.api(request);
  Answer answer{response.status, parsed(response.body), {}};
  for (const auto& [name, value] : response.fields)
    if (name == "Set-Cookie") answer.set_cookie = value;
  return answer;
}

Answer Visit::get(const std::string& path, const std::string& query) const {
  return ask("GET", path, query, "");
}

Answer Visit::post(const std::string& path, const json::object& body) const {
  return ask("POST", path, "", json::serialize(body));
}

std::string Visit::token_text() const {
  const std::string hash = services_.keys->hash("form\n" + request_.session);
  std::array<char, 2 * 32 + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(hash.data()),
                 std::min<std::size_t>(hash.size(), 32));
  return hex.data();
}

Html Visit::token() const { return hidden("token", token_text()); }

bool Visit::comes_from_us() const {
  return api::is_same_origin(request_, services_.base_url ? services_.base_url() : "", false);
}

bool Visit::may_change() const {
  const std::string given = form_.exact("token");
  const std::string wanted = token_text();
  return comes_from_us() && visitor_ && given.size() == wanted.size() &&
         sodium_memcmp(given.data(), wanted.data(), wanted.size()) == 0;
}

const json::value* value_at(const json::value& value, std::string_view path) {
  const json::value* at = &value;
  while (at && !path.empty()) {
    const auto dot = path.find('.');
    const auto* object = at->if_object();
    at = object ? object->if_contains(path.substr(0, dot)) : nullptr;
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return at;
}

std::string text_at(const json::value& value, std::string_view path) {
  const json::value* found = value_at(value, path);
  if (!found || found->is_null()) return {};
  if (const double* number = found->if_double()) {
    std::array<char, 32> text{};  // Boost.JSON would write 9.41E1
    return std::string(text.data(),
                       std::to_chars(text.data(), text.data() + text.size(), *number).ptr);
  }
  return found->is_string() ? std::string(found->get_string()) : json::serialize(*found);
}

std::string dollars(std::string_view usd) {
  const bool is_negative = usd.starts_with('-');
  if (is_negative) usd.remove_prefix(1);
  const auto point = usd.find('.');
  std::string whole(usd.substr(0, point));
  std::string part(point == std::string_view::npos ? std::string_view() : usd.substr(point + 1));
  while (part.size() < 2) part += '0';
  for (std::size_t i = whole.size(); i > 3; i -= 3) whole.insert(i - 3, ",");
  return (is_negative ? "−$" : "$") + whole + "." + part;
}

std::string moment(std::string_view instant) {
  if (instant.size() < 17) return std::string(instant);
  return std::string(instant.substr(0, 10)) + " " + std::string(instant.substr(11, 5)) + " UTC";
}

std::string local_path(std::string_view text) {
  if (text.empty() || text.size() > kMaxPathBytes) return "/";
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return c > ' ' && c < 0x7F && c != '\\' && c != '#'; });
  if (!is_plain || text.starts_with("//")) return "/";
  return Pages::serves(text.substr(0, text.find('?'))) ? std::string(text) : "/";
}

std::string own_path(const api::ApiRequest& request) {
  return local_path(request.path + (request.query.empty() ? "" : "?" + request.query));
}

}  // namespace purser::pages
