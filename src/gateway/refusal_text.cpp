#include "refusal_text.h"

#include <algorithm>

#include "purser/base/text.h"
#include "shown.h"

namespace purser::gateway {
namespace {

using ledger::Account;
using ledger::Decision;

// Whole cents as people write them, anything else exactly: rounded, what is left would be told as
// more than there is, or what is needed as less.
std::string usd(Nanos amount) {
  constexpr std::int64_t kNanosPerCent = kNanosPerUsd / 100;
  const bool whole_cents = amount.count() % kNanosPerCent == 0;
  return "USD " + (whole_cents ? format_usd_cents_up(amount) : format_usd(amount));
}

std::string quoted_usd(Nanos amount) { return "\"" + format_usd(amount) + "\""; }

std::string resets_text(const RefusalContext& context, const Account& account) {
  if (account.period == Period::none) return "it does not reset";
  return "it resets on " + context.calendar->local_text(account.cycle_end);
}

std::string cap_text(const Account& account) {
  const std::string period =
      account.period == Period::none ? "" : std::string(name(account.period)) + " ";
  return usd(account.limit) + " " + period + "cap";
}

// Zero: no cap in particular.
std::string ask_link(const RefusalContext& context, const Id& cap) {
  if (!context.ask_url.empty() || context.ask_page.empty()) return context.ask_url;
  return cap.is_zero() ? context.ask_page : context.ask_page + "/" + to_text("cap", cap);
}

std::string ask_text(const RefusalContext& context, const Id& cap) {
  const std::string whom = context.ask_whom.empty() ? "" : " " + context.ask_whom;
  const std::string link = ask_link(context, cap);
  // No full stop after a link: it would be copied along.
  if (!link.empty()) return " Ask" + whom + " for a raise: " + link;
  return whom.empty() ? "" : " Ask" + whom + " for a raise.";
}

void describe_cap(const RefusalContext& context, const Account& account,
                  providers::Refusal& refusal) {
  auto& details = refusal.details;
  refusal.scope = ledger::name(account.scope.kind);
  details.add_text("scope", refusal.scope);
  details.add_text("name", context.names.of(account.scope.kind));
  details.add_text("period", name(account.period));
  details.add_text("limit_usd", format_usd(account.limit));
  details.add_text("spent_usd", format_usd(account.spent));
  details.add_text("held_usd", format_usd(account.held));
  details.add_text("remaining_usd", format_usd(account.remaining()));
  if (account.period == Period::none) return;
  details.add_text("resets_at", format_instant(account.cycle_end));
  details.add_text("resets_at_local", context.calendar->local_text(account.cycle_end));
  refusal.resets_at_epoch_seconds =
      std::chrono::floor<std::chrono::seconds>(account.cycle_end).time_since_epoch().count();
}

void describe_others(const RefusalContext& context, std::span<const Account> others,
                     const Account& binding, providers::Refusal& refusal) {
  std::string list;
  for (const Account& account : others) {
    if (account.cap == binding.cap) continue;
    list += (list.empty() ? "" : ",");
    list += "{\"scope\":" + quote_json(ledger::name(account.scope.kind)) +
            ",\"name\":" + quote_json(context.names.of(account.scope.kind)) +
            ",\"period\":" + quote_json(name(account.period)) +
            ",\"limit_usd\":" + quoted_usd(account.limit) +
            ",\"remaining_usd\":" + quoted_usd(account.remaining()) + "}";
  }
  refusal.details.add("also_refused_by", "[" + list + "]");
}

void describe_whom(const RefusalContext& context, providers::Refusal& refusal,
                   const Id& cap = Id{}) {
  refusal.details.add_text("request_id", to_text("req", context.request));
  if (!context.ask_whom.empty()) refusal.details.add_text("ask", context.ask_whom);
  if (const std::string link = ask_link(context, cap); !link.empty())
    refusal.details.add_text("ask_url", link);
}

providers::Refusal for_spend(std::string code, int status) {
  providers::Refusal refusal;
  refusal.status = status;
  refusal.code = std::move(code);
  refusal.for_spend = true;
  return refusal;
}

std::string paused_message(const RefusalContext& context, const Account& account) {
  return context.names.subject(account.scope.kind) + " has spent " + usd(account.spent) +
         " of the " + cap_text(account) + " and is paused; " + resets_text(context, account) +
         ". Nothing was sent to the provider." + ask_text(context, account.cap);
}

std::string stopped_message(const RefusalContext& context, ledger::ScopeKind kind,
                            std::string_view reason) {
  std::string text = context.names.subject(kind) +
                     " was stopped by an admin; no AI request passes until an admin resumes it.";
  if (!reason.empty()) text += " Reason: " + std::string(reason) + ".";
  if (!context.ask_whom.empty()) text += " Ask " + context.ask_whom + ".";
  return text;
}

// What would fit: fewer output tokens where even that helps, else less input.
std::string would_fit(const Account& account, const providers::RequestShape& shape,
                      const Plan& plan) {
  if (shape.reads_unseen)
    return "a request without content that only the provider can see (" + shape.unseen_reason + ")";
  const Nanos room = account.limit - account.spent;
  if (room <= Nanos{0}) return "nothing until the cap is raised or resets";
  const std::int64_t output = pricing::output_tokens_that_fit(*plan.price, plan.last_shape, room);
  if (output > 0)
    return "the same request with at most " + std::to_string(output) + " output tokens";
  return "a shorter input, or a cheaper model";
}

std::string too_large_message(const RefusalContext& context, const Account& account, Nanos needed) {
  return context.names.subject(account.scope.kind) + " has " + usd(account.limit - account.spent) +
         " left of the " + cap_text(account) + "; " + resets_text(context, account) +
         "; this request can cost " + usd(needed) + ". Nothing was sent to the provider.";
}

std::string busy_message(const RefusalContext& context, const Account& account) {
  return context.names.subject(account.scope.kind) + " has " + usd(account.held) + " of the " +
         cap_text(account) + " held by requests in flight; try again in a few seconds.";
}

std::int64_t retry_after_seconds(const Id& request) {
  return 1 +
         request.bytes[15] % 5;  // spread, so that those refused together do not return together
}

providers::Refusal no_cap(const RefusalContext& context) {
  providers::Refusal refusal = for_spend("no_cap", 402);
  refusal.message = "No hard cap of a month or shorter applies to " + context.names.user +
                    ", so what could be spent is unbounded. An admin sets one with `purser cap set "
                    "--user EMAIL --month USD`.";
  describe_whom(context, refusal);
  return refusal;
}

// The cap that the refusal is about: the one with the least remaining, of those for whose reason no
// retry helps. Another may have less left only while others' holds are in the way.
const Account& named_cap(const ledger::Outcome& outcome, std::span<const Account> accounts,
                         const std::vector<Account>& refusing) {
  const auto is_reason = [&](const Account& account) {
    if (outcome.decision == Decision::paused) return account.paused();
    return account.limit - account.spent < outcome.amount;
  };
  const Account* named = nullptr;
  for (const Account& account : refusing)
    if (is_reason(account) && (named == nullptr || account.remaining() < named->remaining()))
      named = &account;
  return named == nullptr ? accounts[outcome.binding] : *named;
}

}  // namespace

std::string ScopeNames::of(ledger::ScopeKind kind) const {
  switch (kind) {
    case ledger::ScopeKind::workspace:
      return workspace;
    case ledger::ScopeKind::team:
      return team;
    case ledger::ScopeKind::user:
      return user;
    case ledger::ScopeKind::membership:
      return user + " in " + team;
    case ledger::ScopeKind::project:
      return project;
    case ledger::ScopeKind::key:
      return key;
    case ledger::ScopeKind::label:
      return label;
    case ledger::ScopeKind::task:
      return task;
  }
  return {};
}

std::string ScopeNames::subject(ledger::ScopeKind kind) const {
  switch (kind) {
    case ledger::ScopeKind::user:
      return user;
    case ledger::ScopeKind::membership:
      return of(kind);
    case ledger::ScopeKind::key:
      return "This key of " + user;
    default:
      break;
  }
  if (kind == ledger::ScopeKind::workspace && workspace == "Workspace") return "The workspace";
  std::string subject(ledger::name(kind));
  subject[0] = static_cast<char>(subject[0] - 'a' + 'A');
  return subject + " " + of(kind);
}

providers::Refusal refusal_of(const RefusalContext& context, const ledger::Outcome& outcome,
                              std::span<const Account> accounts,
                              const providers::RequestShape& shape, const Plan& plan) {
  if (outcome.decision == Decision::no_cap) return no_cap(context);
  std::vector<Account> refusing;
  refusing.reserve(accounts.size());
  for (std::size_t i = 0; i < accounts.size(); ++i)
    if ((outcome.refusing & (1u << i)) != 0) refusing.push_back(accounts[i]);
  const Account& binding = named_cap(outcome, accounts, refusing);

  providers::Refusal refusal = for_spend("budget_exceeded", 402);
  if (outcome.decision == Decision::holds_in_the_way) {
    refusal = for_spend("holds_in_the_way", 429);
    refusal.should_retry = true;
    refusal.retry_after_seconds = retry_after_seconds(context.request);
    refusal.message = busy_message(context, binding);
  } else if (outcome.decision == Decision::paused) {
    refusal.message = paused_message(context, binding);
  } else {
    const std::string fits = would_fit(binding, shape, plan);
    refusal.message = too_large_message(context, binding, outcome.amount) +
                      " What would fit: " + fits + "." + ask_text(context, binding.cap);
    refusal.details.add_text("would_fit", fits);
  }
  describe_cap(context, binding, refusal);
  refusal.details.add_text("needed_usd", format_usd(outcome.amount));
  describe_others(context, refusing, binding, refusal);
  describe_whom(context, refusal, binding.cap);
  return refusal;
}

providers::Refusal refusal_of(const RefusalContext& context, const store::PauseView& pause) {
  if (pause.stopped) {
    providers::Refusal refusal = for_spend("stopped", 402);
    refusal.message = stopped_message(context, pause.scope.kind, pause.stop_reason);
    refusal.scope = ledger::name(pause.scope.kind);
    refusal.details.add_text("scope", refusal.scope);
    refusal.details.add_text("name", context.names.of(pause.scope.kind));
    describe_whom(context, refusal);
    return refusal;
  }
  const Account& binding = *std::min_element(
      pause.accounts.begin(), pause.accounts.end(),
      [](const Account& a, const Account& b) { return a.remaining() < b.remaining(); });
  providers::Refusal refusal = for_spend("budget_exceeded", 402);
  refusal.message = paused_message(context, binding);
  describe_cap(context, binding, refusal);
  describe_others(context, pause.accounts, binding, refusal);
  describe_whom(context, refusal, binding.cap);
  return refusal;
}

providers::Refusal refusal_of_model(const RefusalContext& context, ledger::ScopeKind kind,
                                    std::string_view model,
                                    const std::vector<std::string>& patterns) {
  constexpr std::size_t kMostNamed = 10;
  std::string named, all;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (i < kMostNamed) named += (i == 0 ? "" : ", ") + patterns[i];
    all += (i == 0 ? "" : ",") + quote_json(patterns[i]);
  }
  if (patterns.size() > kMostNamed) named += ", …";
  providers::Refusal refusal = for_spend("model_not_allowed", 402);
  refusal.scope = ledger::name(kind);
  refusal.message = context.names.subject(kind) + " may not use the model " + shown(model) +
                    "; allowed: " + (named.empty() ? "none" : named) +
                    ". GET /v1/models lists those that this key may use.";
  if (!context.ask_whom.empty()) refusal.message += " Ask " + context.ask_whom + " for another.";
  refusal.details.add_text("scope", refusal.scope);
  refusal.details.add_text("name", context.names.of(kind));
  refusal.details.add("allowed_models", "[" + all + "]");
  describe_whom(context, refusal);
  return refusal;
}

providers::Refusal refusal_of_ceiling(const RefusalContext& context,
                                      const identity::RequestCeiling& ceiling, Nanos needed) {
  const ledger::ScopeKind kind = ceiling.scope.kind;
  providers::Refusal refusal = for_spend("request_too_expensive", 402);
  refusal.scope = ledger::name(kind);
  refusal.message = context.names.subject(kind) + " may spend at most " + usd(ceiling.amount) +
                    " on one request; this one can cost " + usd(needed) +
                    ". Nothing was sent to the provider. What would fit: a shorter input, fewer "
                    "output tokens, or a cheaper model.";
  if (!context.ask_whom.empty()) refusal.message += " Ask " + context.ask_whom + " for more.";
  refusal.details.add_text("scope", refusal.scope);
  refusal.details.add_text("name", context.names.of(kind));
  refusal.details.add_text("max_request_usd", format_usd(ceiling.amount));
  refusal.details.add_text("needed_usd", format_usd(needed));
  describe_whom(context, refusal);
  return refusal;
}

providers::Refusal refusal_of(const RefusalContext& context, int status, const Error& error) {
  providers::Refusal refusal;
  refusal.status = status;
  refusal.code = error.code;
  refusal.message = error.message;
  describe_whom(context, refusal);
  return refusal;
}

}  // namespace purser::gateway
