#include "purser/identity/raises.h"

#include "purser/identity/names.h"

namespace purser::identity {
namespace {

Error not_possible(std::string why) { return Error{"not_possible", std::move(why)}; }

Result<void> raise_for_good(store::Change& change, store::CapSpec spec, Nanos limit,
                            const ChangedBy& by) {
  spec.limit = limit;
  spec.template_id = Id{};
  auto set = change.set_cap(spec, by.actor, by.reason);
  if (!set) return set.error();
  return {};
}

}  // namespace

Result<CapInForce> load_cap_in_force(store::Sql& sql, const Id& workspace, const Id& cap,
                                     Instant now) {
  std::optional<CapInForce> found;
  sql.each(
      "SELECT scope_kind, scope_id, period, enforcement, limit_nanos, template, "
      "temporary_limit_nanos, temporary_until FROM caps WHERE workspace = ?1 AND id = ?2 AND "
      "ended_at IS NULL",
      {workspace, cap}, [&](const store::Row& row) {
        found = CapInForce{{{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)},
                            static_cast<Period>(row.integer(2)),
                            static_cast<ledger::Enforcement>(row.integer(3)),
                            row.nanos(4),
                            row.id(5)},
                           row.nanos(4),
                           {}};
        if (row.is_null(6) || now >= row.instant(7)) return;
        found->limit = row.nanos(6);
        found->raised_until = row.instant(7);
      });
  if (found) return *found;
  return Error{"unknown_cap",
               "There is no cap with the id " + to_text(kCapPrefix, cap) + ", or it has ended."};
}

Result<Nanos> raise_cap(store::Change& change, const Id& cap, const RaiseTo& to,
                        const ChangedBy& by) {
  if (to.limit.has_value() == to.by.has_value())
    return Error{"bad_member", "Give the new limit or how much more, one of the two."};
  const auto found = load_cap_in_force(change.sql(), change.workspace(), cap, change.now());
  if (!found) return found.error();
  const Nanos limit = to.limit ? *to.limit : found->limit + *to.by;
  const bool prolongs = found->raised_until && limit == found->limit && limit > found->spec.limit &&
                        (!to.until || *to.until > *found->raised_until);
  if (limit <= found->limit && !prolongs) {
    return not_possible(
        "The limit is USD " + format_usd(found->limit) + " already" +
        (found->raised_until ? ", until " + format_instant(*found->raised_until) : std::string()) +
        ". To lower it, set the cap.");
  }
  if (!to.until) {
    auto raised = raise_for_good(change, found->spec, limit, by);
    if (!raised) return raised.error();
    return limit;
  }
  auto outcome = change.apply(ledger::Raise{cap, limit, *to.until}, by.actor, by.reason);
  if (!outcome) return outcome.error();
  if (outcome->decision != ledger::Decision::granted)
    return not_possible("The cap cannot be raised to that limit until then.");
  return limit;
}

}  // namespace purser::identity
