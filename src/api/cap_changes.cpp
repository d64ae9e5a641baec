#include <algorithm>

#include "cap_lookup.h"
#include "cap_specs.h"
#include "handlers.h"
#include "purser/identity/names.h"
#include "purser/identity/raises.h"
#include "purser/store/settings.h"
#include "refs.h"
#include "scopes.h"
#include "shapes.h"
#include "until.h"

namespace purser::api {
namespace {

Error refused_by_ledger(std::string message) { return Error{"not_possible", std::move(message)}; }

Result<void> apply(store::Change& change, const Call& call, const ledger::Command& command,
                   std::string_view when_not_possible) {
  auto outcome = change.apply(command, call.by.actor, call.by.reason);
  if (!outcome) return outcome.error();
  if (outcome->decision != ledger::Decision::granted)
    return refused_by_ledger(std::string(when_not_possible));
  return {};
}

bool allows_uncapped(store::Change& change) {
  return store::is_setting_on(change.sql(), change.workspace(), "allow_uncapped");
}

// Nobody is ever without a cap of their own.
Result<void> check_not_last(store::Change& change, const ledger::Scope& scope, const Id& cap) {
  if (scope.kind != ledger::ScopeKind::user) return {};
  bool is_bound = false;
  bool others = false;
  change.sql().each(
      "SELECT id FROM caps WHERE workspace = ?1 AND scope_kind = ?2 AND scope_id = ?3 AND ended_at "
      "IS NULL AND enforcement = ?4 AND period <= ?5",
      {change.workspace(), static_cast<int>(scope.kind), scope.id,
       static_cast<int>(ledger::Enforcement::hard), static_cast<int>(Period::month)},
      [&](const store::Row& row) { (row.id(0) == cap ? is_bound : others) = true; });
  if (!is_bound || others || allows_uncapped(change)) return {};
  return Error{"last_cap",
               "This is the user's last hard cap of a month or shorter, and nobody is to be "
               "without one: set another first, or change this one's limit."};
}

struct Pair {
  store::CapStatus giver, taker;
};

Result<Pair> read_pair(const Call& call, store::Sql& sql, const Id& from, const Id& to) {
  auto giver = cap_status(call, sql, from);
  if (!giver) return giver.error();
  auto taker = cap_status(call, sql, to);
  if (!taker) return taker.error();
  return Pair{*giver, *taker};
}

// Why the ledger would not move limit between the two, in the order in which it looks.
std::string why_not_moved(const Pair& pair, Nanos amount, bool is_for_a_time) {
  const auto& giver = pair.giver.account;
  const auto& taker = pair.taker.account;
  if (giver.cap == taker.cap) return "Limit moves between two caps: name two different ones.";
  if (giver.period != taker.period) {
    return "Limit moves between two caps of the same period: this gives from a " +
           std::string(name(giver.period)) + " cap to a " + std::string(name(taker.period)) +
           " cap.";
  }
  if (giver.cycle_start != taker.cycle_start || giver.cycle_end != taker.cycle_end) {
    return "Limit moves between two caps of the same cycle: these two began at different times; "
           "from their next cycle on it will do.";
  }
  if (amount <= Nanos{0}) return "An amount of nothing moves no limit: give one above 0.";
  if (amount > giver.remaining()) {
    return "The giving cap would fall below what is spent and held: of USD " +
           format_usd(giver.limit) + ", USD " + format_usd(giver.spent) + " are spent and USD " +
           format_usd(giver.held) + " held. It can give at most USD " +
           format_usd(std::max(giver.remaining(), Nanos{0})) + ".";
  }
  if (!is_for_a_time && pair.giver.cap.limit < amount) {
    return "For good, the giving cap can give at most its own limit of USD " +
           format_usd(pair.giver.cap.limit) + "; what it has beyond that is a raise for a time.";
  }
  return "The caps cannot exchange that much: the limit of one would be more than there can be.";
}

// A cap has one limit for a time, with one end: a move until another one would drag along what was
// raised or moved before.
Result<void> check_same_end(const Pair& pair, const std::optional<Instant>& until) {
  if (!until) return {};
  for (const auto* cap : {&pair.giver.cap, &pair.taker.cap}) {
    if (!cap->temporary || cap->temporary->until == *until) continue;
    return Error{"not_possible",
                 "The limit of one of the two is another one until " +
                     format_instant(cap->temporary->until) +
                     " already, by a raise or a move: move until then too, or for good."};
  }
  return {};
}

// What was moved away is not given back by one side alone.
Result<void> check_is_raised(store::Sql& sql, const Id& workspace, const Id& cap, Instant now) {
  const auto found = identity::load_cap_in_force(sql, workspace, cap, now);
  if (!found) return found.error();
  if (found->limit >= found->spec.limit) return {};
  return Error{"not_possible",
               "This limit is no raise: it is lowered for a time, since limit was moved to another "
               "cap. Move it back instead."};
}

}  // namespace

Result<Reply> set_cap(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string scope = body.required_text("scope");
  const std::string name = body.text("name").value_or("");
  store::CapSpec spec;
  spec.period = period_of(body, scope == "task" ? "none" : "month");
  spec.enforcement = enforcement_of(body);
  spec.limit = body.required_usd("limit_usd");
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto found = find_scope(change.sql(), change.workspace(), scope, name);
        if (!found) return found.error();
        spec.scope = *found;
        auto set = change.set_cap(spec, call.by.actor, call.by.reason);
        if (!set) return set.error();
        id = *set;
        return {};
      },
      [&](store::Sql& sql) { return show_cap(call, sql, id); });
}

Result<Reply> end_cap(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = parse_cap_id(call.params[0]);
  if (!id) return id.error();
  json::object shown;
  auto found = call.read([&](store::Sql& sql) -> Result<Reply> {
    auto reply = show_cap(call, sql, *id);
    if (reply) shown = reply->body.get_object();
    return reply;
  });
  if (!found) return found;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto scope = scope_of_cap(change.sql(), change.workspace(), *id);
    if (!scope) return scope.error();
    auto last = check_not_last(change, *scope, *id);
    if (!last) return last;
    return apply(change, call, ledger::EndCap{*id}, "The cap has ended already.");
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

Result<Reply> raise_cap(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = parse_cap_id(call.params[0]);
  if (!id) return id.error();
  Body body(call.body);
  const RaiseBody raise(body, call);
  if (auto read = body.finish(); !read) return read.error();
  const auto to = raise.of(call, *id);
  if (!to) return to.error();
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        auto raised = identity::raise_cap(change, *id, *to, call.by);
        if (!raised) return raised.error();
        return {};
      },
      [&](store::Sql& sql) { return show_cap(call, sql, *id); });
}

Result<Reply> end_raise(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = parse_cap_id(call.params[0]);
  if (!id) return id.error();
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto scope = scope_of_cap(change.sql(), change.workspace(), *id);
        if (!scope) return scope.error();
        auto raised = check_is_raised(change.sql(), change.workspace(), *id, change.now());
        if (!raised) return raised;
        return apply(change, call, ledger::EndRaise{*id}, "The cap is not raised for a time.");
      },
      [&](store::Sql& sql) { return show_cap(call, sql, *id); });
}

Result<Reply> reallocate(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const auto from = parse_cap_id(body.required_text("from"));
  const auto to = parse_cap_id(body.required_text("to"));
  const Nanos amount = body.required_usd("amount_usd");
  const Until until = Until::parse(body, call);
  if (auto read = body.finish(); !read) return read.error();
  if (!from) return from.error();
  if (!to) return to.error();
  const auto read_both = [&] {
    std::optional<Result<Pair>> found;
    call.store().read([&](store::Sql& sql) { found.emplace(read_pair(call, sql, *from, *to)); });
    return *found;
  };
  const auto before = read_both();
  if (!before) return before.error();
  const auto instant = until.of(before->giver);
  if (auto same = check_same_end(*before, instant); !same) return same.error();
  if (before->giver.cap.enforcement != before->taker.cap.enforcement)
    return Error{"not_possible",
                 "Limit moves between two hard caps or between two watch caps: a watch cap holds "
                 "nobody to its limit, so that it has none to give."};
  auto changed = call.store().change([&](store::Change& change) {
    return apply(change, call, ledger::Reallocate{*from, *to, amount, instant}, "");
  });
  if (!changed && changed.error().code == "not_possible" && changed.error().message.empty()) {
    // What was left a moment ago may not be what the ledger refused on: look again.
    const auto now = read_both();
    return refused_by_ledger(why_not_moved(now ? *now : *before, amount, instant.has_value()));
  }
  if (!changed) return changed.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    auto gave = show_cap(call, sql, *from);
    if (!gave) return gave;
    auto took = show_cap(call, sql, *to);
    if (!took) return took;
    return Reply{json::object{{"from", gave->body}, {"to", took->body}}};
  });
}

}  // namespace purser::api
