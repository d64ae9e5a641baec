#include "template_caps.h"

#include <algorithm>
#include <map>

#include "audit_json.h"
#include "open_caps.h"
#include "purser/identity/scope_names.h"

namespace purser::identity {
namespace {

Result<void> end_cap(store::Change& change, const Id& cap, const ChangedBy& by) {
  auto ended = change.apply(ledger::EndCap{cap}, by.actor, by.reason);
  if (!ended) return ended.error();
  return {};
}

const TemplateCap* find(const std::vector<TemplateCap>& caps, Period period,
                        ledger::Enforcement enforcement) {
  for (const auto& cap : caps) {
    if (cap.period == period && cap.enforcement == enforcement) return &cap;
  }
  return nullptr;
}

bool has(const std::vector<OpenCap>& caps, const TemplateCap& wanted) {
  return std::any_of(caps.begin(), caps.end(), [&](const OpenCap& cap) {
    return cap.period == wanted.period && cap.enforcement == wanted.enforcement;
  });
}

// {"templates":["engineer"]}: those whose caps the user carries.
std::string templates_of(store::Change& change, const Id& user) {
  std::string names;
  change.sql().each(
      "SELECT DISTINCT t.name FROM caps c JOIN templates t ON t.workspace = c.workspace AND t.id = "
      "c.template WHERE c.workspace = ?1 AND c.scope_kind = ?2 AND c.scope_id = ?3 AND c.ended_at "
      "IS NULL ORDER BY t.name",
      {change.workspace(), static_cast<int>(ledger::ScopeKind::user), user},
      [&](const store::Row& row) { names += (names.empty() ? "" : ",") + json_text(row.text(0)); });
  return names.empty() ? "" : AuditJson().raw("templates", "[" + names + "]").str();
}

}  // namespace

Result<void> check_caps(const std::vector<TemplateCap>& caps) {
  if (caps.size() > ledger::kMaxCapsOfScope)
    return Error{"too_many_caps", "A template has at most four caps."};
  bool bounded = false;
  for (std::size_t i = 0; i < caps.size(); ++i) {
    if (caps[i].period == Period::none)
      return Error{"bad_period", "A user's cap is per day, week, month, quarter or year."};
    bounded = bounded ||
              (caps[i].enforcement == ledger::Enforcement::hard && caps[i].period <= Period::month);
    for (std::size_t j = 0; j < i; ++j) {
      if (caps[i].period == caps[j].period && caps[i].enforcement == caps[j].enforcement) {
        return Error{"duplicate_cap", "There are two " + std::string(name(caps[i].enforcement)) +
                                          " caps per " + std::string(name(caps[i].period)) +
                                          ": leave one of them out."};
      }
    }
  }
  if (!bounded) {
    return Error{"uncapped",
                 "Without a hard cap of a month or shorter the requests of its users would be "
                 "refused (no_cap): add one."};
  }
  return {};
}

std::string caps_json(const std::vector<TemplateCap>& caps) {
  std::string out;
  for (const auto& cap : caps) {
    out += out.empty() ? "[" : ",";
    out += AuditJson()
               .text("period", name(cap.period))
               .text("enforcement", name(cap.enforcement))
               .text("limit_usd", format_usd(cap.limit))
               .str();
  }
  return out.empty() ? "[]" : out + "]";
}

Result<void> set_caps(store::Change& change, const Id& user, const std::vector<TemplateCap>& caps,
                      const Id& template_id, const ChangedBy& by) {
  for (const auto& cap : caps) {
    store::CapSpec spec;
    spec.scope = {ledger::ScopeKind::user, user};
    spec.period = cap.period;
    spec.enforcement = cap.enforcement;
    spec.limit = cap.limit;
    spec.template_id = template_id;
    auto set = change.set_cap(spec, by.actor, by.reason);
    if (!set) return set.error();
  }
  return {};
}

Result<TemplateEffect> carry_over(store::Change& change, const Template& changed,
                                  const ChangedBy& by) {
  TemplateEffect effect;
  std::vector<Id> users;  // that carry it, each once
  const auto carried = open_caps_with(change.sql(), change.workspace(), changed.id);
  for (const auto& cap : carried) {
    if (std::find(users.begin(), users.end(), cap.scope.id) == users.end())
      users.push_back(cap.scope.id);
  }
  for (const auto& user : users) {
    const ledger::Scope scope{ledger::ScopeKind::user, user};
    const auto open = open_caps_of(change.sql(), change.workspace(), scope);
    // What ends makes room first: a scope has at most four.
    for (const auto& cap : open) {
      if (cap.template_id != changed.id || find(changed.caps, cap.period, cap.enforcement))
        continue;
      auto ended = end_cap(change, cap.id, by);
      if (!ended) return ended.error();
      ++effect.caps_ended;
    }
    std::vector<TemplateCap> wanted;
    for (const auto& cap : open) {
      const auto* now = find(changed.caps, cap.period, cap.enforcement);
      if (cap.template_id == changed.id && now && now->limit != cap.limit) wanted.push_back(*now);
    }
    for (const auto& cap : changed.caps) {
      if (!has(open, cap)) wanted.push_back(cap);
    }
    auto set = set_caps(change, user, wanted, changed.id, by);
    if (!set) return set.error();
    effect.caps_set += wanted.size();
  }
  return effect;
}

Result<TemplateEffect> give_template(store::Change& change, const Id& user, const Id& id,
                                     const ChangedBy& by) {
  const auto given = load_template(change.sql(), change.workspace(), id);
  if (!given) return given.error();
  const std::string before = templates_of(change, user);
  TemplateEffect effect;
  const ledger::Scope scope{ledger::ScopeKind::user, user};
  for (const auto& cap : open_caps_of(change.sql(), change.workspace(), scope)) {
    if (cap.template_id.is_zero() || find(given->caps, cap.period, cap.enforcement)) continue;
    auto ended = end_cap(change, cap.id, by);
    if (!ended) return ended.error();
    ++effect.caps_ended;
  }
  auto set = set_caps(change, user, given->caps, id, by);
  if (!set) return set.error();
  effect.caps_set = given->caps.size();
  change.audit({by.actor, "template.give", scope_target(change.sql(), change.workspace(), scope),
                before, templates_of(change, user), by.reason});
  return effect;
}

Result<void> end_caps(store::Change& change, const ledger::Scope& scope, const ChangedBy& by) {
  for (const auto& cap : open_caps_of(change.sql(), change.workspace(), scope)) {
    auto ended = end_cap(change, cap.id, by);
    if (!ended) return ended;
  }
  return {};
}

}  // namespace purser::identity
