#include "scope_text.h"

#include <array>

#include "json_text.h"

namespace purser::store {
namespace {

constexpr std::array<std::string_view, ledger::kScopeKindCount> kPrefixes = {
    "wsp", "team", "usr", "mem", "prj", "key", "lbl", "task"};

}  // namespace

std::string scope_id_text(const ledger::Scope& scope) {
  return to_text(kPrefixes[static_cast<std::size_t>(scope.kind)], scope.id);
}

std::string cap_json(const ledger::Cap& cap) {
  JsonObject json;
  json.add("scope", name(cap.scope.kind))
      .add("scope_id", scope_id_text(cap.scope))
      .add("period", name(cap.period))
      .add("enforcement", name(cap.enforcement))
      .add("limit_usd", cap.limit)
      .add("limit_version", cap.limit_version);
  if (cap.temporary)
    json.add("temporary_limit_usd", cap.temporary->limit)
        .add("temporary_until", cap.temporary->until);
  if (cap.ended) json.add("ended", true);
  return json.text();
}

std::string cap_target(const Id& cap) { return "cap/" + to_text("cap", cap); }

}  // namespace purser::store
