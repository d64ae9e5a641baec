#include "compose_cap.h"

#include <cctype>
#include <cmath>

#include "purser/base/rfc3339.h"
#include "purser/reports/breakdown.h"
#include "purser/reports/pace.h"
#include "purser/reports/words.h"

namespace purser::alerts {
namespace {

using ledger::ScopeKind;
using reports::sentence;

constexpr int kWarningFromPercent = 75;

// As it stood when it happened: balances from the event, the rest from the cap.
ledger::Account account_of(const ComposeContext& context, const StoredEvent& event) {
  ledger::Account account;
  account.cap = event.cap;
  account.scope = event.scope;
  account.limit = event.usd("limit_usd");
  account.spent = event.usd("spent_usd");
  account.held = event.usd("held_usd");
  account.cycle_start = event.cycle_start;
  account.cycle_end = event.cycle_start;
  context.sql.each(
      "SELECT c.period, c.enforcement, a.cycle_end FROM caps c JOIN accounts a ON a.workspace = "
      "c.workspace AND a.cap = c.id WHERE c.workspace = ?1 AND c.id = ?2 AND a.cycle_start = ?3",
      {context.workspace, event.cap, event.cycle_start}, [&](const store::Row& row) {
        account.period = static_cast<Period>(row.integer(0));
        account.enforcement = static_cast<ledger::Enforcement>(row.integer(1));
        account.cycle_end = row.instant(2);
      });
  return account;
}

// "month "; of a task's cap nothing.
std::string period_before(const ledger::Account& account) {
  return account.period == Period::none ? "" : std::string(name(account.period)) + " ";
}

std::string cap_text(const ledger::Account& account) {
  return usd_text(account.limit) + " " + period_before(account) +
         (account.enforcement == ledger::Enforcement::watch ? "watch cap" : "cap");
}

// "82 %"; rounded down, so that 100 % means reached.
std::string spent_percent(const ledger::Account& account) {
  if (account.limit <= Nanos{0}) return "100 %";
  return std::to_string(account.spent.count() /
                        std::max<std::int64_t>(1, account.limit.count() / 100)) +
         " %";
}

void add_facts(const ComposeContext& context, const ledger::Account& account, Message& message) {
  message.facts.push_back({"Spent", usd_text(account.spent) + " of " + cap_text(account) + " (" +
                                        spent_percent(account) + ")"});
  if (account.held > Nanos{0})
    message.facts.push_back({"In flight", usd_text(account.held) + " held"});
  if (account.period != Period::none)
    message.facts.push_back({"Resets", context.calendar.local_text(account.cycle_end)});
}

void add_forecast(const ComposeContext& context, const ledger::Account& account, Instant at,
                  Message& message) {
  const auto input =
      reports::read_forecast_input(context.sql, context.workspace, context.calendar, account, at);
  if (!input) return;
  message.paragraphs.push_back(
      sentence(reports::run_out_text(reports::instant_of_running_out(*input, account.limit), at,
                                     account.period, context.calendar)));
  message.paragraphs.push_back(
      sentence(reports::forecast_text(reports::compute_forecast(*input), account.period)));
}

Breakdown shown(std::string title, const std::vector<reports::BreakdownPart>& parts) {
  Breakdown breakdown{std::move(title), {}};
  for (const auto& part : parts)
    breakdown.parts.push_back(
        {part.name, usd_text(part.cost), static_cast<int>(std::lround(part.percent))});
  return breakdown;
}

void add_breakdown(const ComposeContext& context, const StoredEvent& event,
                   const ledger::Account& account, Message& message) {
  if (account.scope.kind == ScopeKind::task) return;
  const auto found = reports::read_breakdown(context.sql, context.workspace, account.scope,
                                             {account.cycle_start, account.cycle_end},
                                             reports::Crossing{event.sequence, event.made_at});
  if (account.scope.kind != ScopeKind::user && account.scope.kind != ScopeKind::membership)
    message.breakdowns.push_back(shown("By user", found.by_user));
  message.breakdowns.push_back(shown("By project", found.by_project));
  message.breakdowns.push_back(shown("By model", found.by_model));
}

std::string pause_key(const StoredEvent& event) {
  return to_text("cap", event.cap) + "-" +
         std::to_string(std::chrono::floor<std::chrono::seconds>(event.cycle_start)
                            .time_since_epoch()
                            .count());
}

// As `purser cap raise` takes it: people share names, keys have none that is unique.
std::string argument_for(const ComposeContext& context, const ledger::Scope& scope) {
  if (scope.kind == ScopeKind::key) return to_text("key", scope.id);
  std::string found = context.scope_name(context.sql, context.workspace, scope);
  if (scope.kind == ScopeKind::user)
    context.sql.each("SELECT email FROM users WHERE workspace = ?1 AND id = ?2 AND email <> ''",
                     {context.workspace, scope.id},
                     [&](const store::Row& row) { found = row.text(0); });
  return found;
}

// A task's cap has no period, and no such verb finds it.
std::string raise_hint(const ComposeContext& context, const ledger::Account& account) {
  if (account.period == Period::none) return "An admin gives it room by raising the task's cap.";
  const ledger::Scope& scope = account.scope;
  std::string whose = " --" + std::string(ledger::name(scope.kind));
  if (scope.kind != ScopeKind::workspace) whose += " \"" + argument_for(context, scope) + "\"";
  return "An admin gives it room for this cycle with: purser cap raise" + whose + " --" +
         std::string(name(account.period)) + " LIMIT";
}

void say_cause(const StoredEvent& event, Message& message) {
  if (event.text("actor_name").empty()) return;
  const std::string reason = event.text("reason");
  message.paragraphs.push_back("This comes from a change by " + event.text("actor_name") +
                               (reason.empty() ? "" : " (“" + reason + "”)") +
                               ", not from a request.");
}

void say_reached(const ComposeContext& context, const StoredEvent& event,
                 const ledger::Account& account, Message& message) {
  const std::string since = context.calendar.local_text(event.made_at);
  if (account.enforcement == ledger::Enforcement::watch) {
    message.paragraphs.push_back("Reached on " + since +
                                 ". It is a watch cap: it reports, and nothing is refused.");
    return;
  }
  message.pause_key = pause_key(event);
  std::string text = "New AI requests under this cap are refused since " + since + ".";
  text += account.period == Period::none
              ? " It does not reset by itself."
              : " It resets on " + context.calendar.local_text(account.cycle_end) + ".";
  message.paragraphs.push_back(text);
  message.paragraphs.push_back(
      "Models that cost nothing, history, reports and the admin's tools go on working.");
  message.paragraphs.push_back(raise_hint(context, account));
}

}  // namespace

std::string local_time(const ComposeContext& context, const std::string& instant) {
  const auto parsed = parse_rfc3339(instant);
  return parsed ? context.calendar.local_text(*parsed) : instant;
}

std::string named(const ComposeContext& context, const ledger::Scope& scope) {
  const std::string called = context.scope_name(context.sql, context.workspace, scope);
  if (scope.kind == ScopeKind::user) return called;
  if (scope.kind == ScopeKind::workspace) return "the workspace";
  return std::string(ledger::name(scope.kind)) + " " + called;
}

std::string subject_of(const ComposeContext& context, const ledger::Scope& scope) {
  std::string text = named(context, scope);
  if (!text.empty() && scope.kind != ScopeKind::user)
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

void add_balances(const ComposeContext& context, const StoredEvent& event, Message& message) {
  context.sql.each(
      "SELECT cycle_start, limit_nanos, spent_nanos, held_nanos FROM accounts WHERE workspace = ?1 "
      "AND cap = ?2 ORDER BY cycle_start DESC LIMIT 1",
      {context.workspace, event.cap}, [&](const store::Row& row) {
        StoredEvent now = event;
        now.cycle_start = row.instant(0);
        ledger::Account account = account_of(context, now);
        account.limit = row.nanos(1);
        account.spent = row.nanos(2);
        account.held = row.nanos(3);
        add_facts(context, account, message);
      });
}

void compose_threshold(const ComposeContext& context, const std::vector<StoredEvent>& events,
                       Message& message) {
  const StoredEvent& event = events.front();
  const ledger::Account account = account_of(context, event);
  const bool reached = event.percent == ledger::kReachedPercent;
  const bool is_hard = account.enforcement == ledger::Enforcement::hard;
  message.severity = reached                                ? Severity::critical
                     : event.percent >= kWarningFromPercent ? Severity::warning
                                                            : Severity::info;
  message.title = subject_of(context, event.scope) +
                  (reached ? (is_hard ? " is paused: the " : " has reached the ")
                           : " has spent " + spent_percent(account) + " of the ") +
                  cap_text(account) + (reached && is_hard ? " is spent" : "");
  say_cause(event, message);
  if (const auto pace = reports::pace_of(account, event.made_at))
    message.paragraphs.push_back(sentence(reports::pace_text(*pace)));
  if (reached)
    say_reached(context, event, account, message);
  else
    add_forecast(context, account, event.made_at, message);
  add_facts(context, account, message);
  if (event.percent >= kBreakdownFromPercent) add_breakdown(context, event, account, message);
}

void compose_pause_ended(const ComposeContext& context, const StoredEvent& event,
                         Message& message) {
  const ledger::Account account = account_of(context, event);
  message.pause_key = pause_key(event);
  message.pause_ended = true;
  message.title = subject_of(context, event.scope) + " may make AI requests again";
  message.paragraphs.push_back(event.flag("cycle_ended")
                                   ? "A new cycle of the cap has begun."
                                   : "The cap was changed and has room again.");
  if (!event.flag("cycle_ended")) {
    message.facts.push_back({"By", event.text("actor_name")});
    add_facts(context, account, message);
  }
}

void compose_limit_changed(const ComposeContext& context, const StoredEvent& event,
                           Message& message) {
  const ledger::Account account = account_of(context, event);
  const Nanos before = event.usd("old_limit_usd");
  const std::string whose =
      "The " + period_before(account) + "cap of " + named(context, event.scope);
  if (event.flag("ended"))
    message.title = whose + " has ended";
  else if (account.limit == before)
    message.title = whose + " holds its limit of " + usd_text(before) + " for longer";
  else
    message.title = whose + (account.limit > before ? " was raised from " : " was lowered from ") +
                    usd_text(before) + " to " + usd_text(account.limit);
  if (!event.text("until").empty())
    message.paragraphs.push_back("It holds until " + local_time(context, event.text("until")) +
                                 ".");
  else if (!event.flag("ended"))
    message.paragraphs.push_back("It holds until somebody changes it.");
  message.facts.push_back({"By", event.text("actor_name")});
  if (!event.text("reason").empty()) message.facts.push_back({"Reason", event.text("reason")});
  add_facts(context, account, message);
}

void compose_runs_out_early(const ComposeContext& context, const StoredEvent& event,
                            Message& message) {
  const ledger::Account account = account_of(context, event);
  message.severity = Severity::warning;
  message.title = subject_of(context, event.scope) + " will have spent the " + cap_text(account) +
                  " before the " + std::string(name(account.period)) + " ends";
  if (const auto pace = reports::pace_of(account, event.made_at))
    message.paragraphs.push_back(sentence(reports::pace_text(*pace)));
  add_forecast(context, account, event.made_at, message);
  add_facts(context, account, message);
}

}  // namespace purser::alerts
