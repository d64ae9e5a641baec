#include "audit_words.h"

#include <algorithm>
#include <array>

#include "scopes.h"

namespace purser::api {
namespace {

constexpr std::size_t kMostChangeBytes = 400;
constexpr std::array<std::string_view, 3> kTold = {"scope", "scope_id", "limit_version"};

std::string cap_words(store::Sql& sql, const Id& workspace, const Id& cap) {
  std::string words;
  sql.each("SELECT scope_kind, scope_id, period FROM caps WHERE workspace = ?1 AND id = ?2",
           {workspace, cap}, [&](const store::Row& row) {
             const ledger::Scope scope{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)};
             const auto period = static_cast<Period>(row.integer(2));
             words = identity::scope_target(sql, workspace, scope) + " " +
                     (period == Period::none ? "" : std::string(name(period)) + " ") + "cap";
           });
  return words;
}

std::string words_of(store::Sql& sql, const Id& workspace, std::string_view target) {
  const std::size_t slash = target.find('/');
  if (slash == std::string_view::npos) return std::string(target);
  const std::string_view kind = target.substr(0, slash), rest = target.substr(slash + 1);
  if (kind == "cap") {
    if (const auto cap = parse_id("cap", rest)) {
      std::string words = cap_words(sql, workspace, *cap);
      if (!words.empty()) return words;
    }
  }
  if (const auto scope_kind = ledger::parse_scope_kind(kind)) {
    if (const auto id = parse_id(prefix_of(*scope_kind), rest))
      return identity::scope_target(sql, workspace, {*scope_kind, *id});
  }
  return std::string(target);
}

std::string value_text(const json::value* value) {
  if (value == nullptr || value->is_null()) return "none";
  if (const auto* text = value->if_string()) return std::string(*text);
  return json::serialize(*value);
}

class Differences {
 public:
  void add(const std::string& path, const json::value* from, const json::value* to) {
    const json::object* before = from ? from->if_object() : nullptr;
    const json::object* after = to ? to->if_object() : nullptr;
    if (before || after) {
      add_members(path, before, after);
      return;
    }
    const std::string old_text = value_text(from), new_text = value_text(to);
    if (old_text == new_text) return;
    if (!text.empty()) text += ", ";
    text += path.empty() ? "" : path + " ";
    // What is new has no old value to tell.
    text += from == nullptr ? new_text : old_text + " → " + new_text;
  }
  std::string text;

 private:
  void add_members(const std::string& path, const json::object* before, const json::object* after) {
    const json::object none;
    const json::object &old = before ? *before : none, &now = after ? *after : none;
    const std::string prefix = path.empty() ? "" : path + ".";
    const auto is_told = [](std::string_view key) { return std::ranges::count(kTold, key) > 0; };
    for (const auto& [key, value] : now)
      if (!is_told(key)) add(prefix + std::string(key), old.if_contains(key), &value);
    for (const auto& [key, value] : old)
      if (!is_told(key) && !now.contains(key)) add(prefix + std::string(key), &value, nullptr);
  }
};

}  // namespace

std::string audit_subject(store::Sql& sql, const Id& workspace, std::string_view target) {
  // Two caps of a reallocation; no other target has ids on both sides of a space.
  const std::size_t space = target.find(" cap/");
  if (!target.starts_with("cap/") || space == std::string_view::npos)
    return words_of(sql, workspace, target);
  return words_of(sql, workspace, target.substr(0, space)) + " → " +
         words_of(sql, workspace, target.substr(space + 1));
}

std::string audit_change(const json::value& from, const json::value& to) {
  Differences differences;
  differences.add("", from.is_null() ? nullptr : &from, to.is_null() ? nullptr : &to);
  std::string& text = differences.text;
  if (text.size() <= kMostChangeBytes) return text;
  constexpr std::string_view kMore = "…";
  std::size_t end = kMostChangeBytes - kMore.size();
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // within a character
  return text.substr(0, end).append(kMore);
}

}  // namespace purser::api
