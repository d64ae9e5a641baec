// The hold: asked of the ledger, durable before anything leaves.
#include <fmt/compile.h>

#include <algorithm>

#include "exchange.h"
#include "foresee.h"

namespace purser::gateway {
namespace {

using ledger::Decision;
using store::StoreStatus;

Error not_durable(StoreStatus status) {
  if (status == StoreStatus::clock_in_doubt)
    return {
        "clock_in_doubt",
        "Purser's clock has jumped, so it is not certain which cycle a request belongs to. Nothing "
        "was sent. An admin checks the clock and accepts it with `purser clock accept`.",
        Side::us};
  if (status == StoreStatus::shutting_down)
    return {"shutting_down", "Purser is shutting down. Nothing was sent; try again.", Side::us};
  return {
      "not_durable",
      "The hold for this request could not be written to disk, so nothing was sent. Try again; if "
      "it persists, an operator looks at Purser's log.",
      Side::us};
}

}  // namespace

ledger::ScopeList Exchange::scopes() const {
  return store::scopes_of(gateway_.store->workspace(), attribution_);
}

std::string Exchange::explanation() const {
  return fmt::format(
      FMT_COMPILE(
          R"({{"format":"{}","input_tokens_at_most":{},"reads_unseen":{},"output_tokens_at_most":{},"choices":{},"web_search_calls":{},"bound_usd":"{}","smallest_usd":"{}","doubled":{},"sandbox":{}}})"),
      attribution_.format, plan_.input_tokens, shape_.reads_unseen, plan_.full_output_tokens,
      shape_.choices, plan_.web_search_calls.front(), format_usd(plan_.forms.front()),
      format_usd(plan_.smallest), plan_.doubled, route_.by_sandbox);
}

store::ReserveRequest Exchange::reserve_request() const {
  store::ReserveRequest request;
  request.reserve.request = request_;
  request.reserve.scopes = scopes();
  request.reserve.forms = plan_.forms;
  request.reserve.smallest = plan_.smallest;
  request.reserve.free = plan_.free;
  request.reserve.allow_uncapped = directory_->allow_uncapped;
  request.reserve.share_divisor = options().share_divisor;
  request.attribution = attribution_;
  request.identity_version = principal_->identity_version;
  request.price_id = plan_.price->id;
  request.price_version = plan_.price->version;
  request.explanation = explanation();
  return request;
}

Exchange::Done Exchange::refuse_outcome(const store::CommandResult& result) {
  const RefusalContext context = refusal_context();
  providers::Refusal refusal;
  if (result.outcome.decision == Decision::stopped) {
    store::PauseView stop;
    stop.stopped = true;
    stop.scope = scopes()[result.outcome.stopped_scope];
    refusal = refusal_of(context, stop);
  } else {
    refusal = refusal_of(context, result.outcome, result.accounts, shape_, plan_);
  }
  co_await refuse(std::move(refusal));
  co_return false;
}

// A retry of what was refused for spend costs no commit: the published balances refuse it as the
// ledger would, and there is nothing to record that has not been.
std::optional<store::CommandResult> Exchange::repeated_refusal() const {
  if (!lane_.refused.contains(attribution_.key)) return std::nullopt;
  // Of a key that has changed, the caps may be others: the store says so.
  if (!gateway_.store->is_current(attribution_.key, principal_->identity_version))
    return std::nullopt;
  Foresight seen = foresee(gateway_, scopes(), plan_);
  if (seen.outcome.decision != Decision::does_not_fit || !seen.outcome.transitions.empty())
    return std::nullopt;
  store::CommandResult result;
  result.status = StoreStatus::done;
  result.outcome = std::move(seen.outcome);
  for (const store::CapStatus& cap : seen.caps) result.accounts.push_back(cap.account);
  return result;
}

std::optional<identity::RequestCeiling> Exchange::ceiling() const {
  if (plan_.free) return std::nullopt;
  return identity::request_ceiling(directory_->rules, scopes());
}

std::optional<providers::Refusal> Exchange::keep_to_ceiling() {
  const auto most = ceiling();
  if (!most || lower_to(plan_, most->amount)) return std::nullopt;
  return refusal_of_ceiling(refusal_context(), *most, plan_.smallest);
}

Exchange::Done Exchange::reserve_hold() {
  // Free and unmetered: nothing to hold, nothing to book.
  if (format_ == providers::Format::anthropic_count_tokens) {
    chosen_ = choose_form(shape_, plan_, 0, Nanos{0});
    co_return true;
  }
  if (counting_may_help()) co_await tighten_by_counting();
  if (auto refusal = keep_to_ceiling()) {
    co_await refuse(std::move(*refusal));
    co_return false;
  }
  if (const auto refused = repeated_refusal()) {
    const bool answered = co_await refuse_outcome(*refused);
    co_return answered;
  }
  constexpr int kTries = 2;  // a key that has changed is resolved again, once
  for (int i = 0; i < kTries; ++i) {
    const Duration submitted = gateway_.env->boot_now();
    store::ReserveRequest request = reserve_request();
    const store::CommandResult result = co_await reserve(gateway_.store, &lane_.io, &request);
    if (result.status == StoreStatus::stale_identity && i + 1 < kTries) {
      gateway_.keys->forget(key_text_);
      const bool known = co_await identify();
      if (!known) co_return false;
      if (auto refusal = attribute()) {
        co_await refuse(std::move(*refusal));
        co_return false;
      }
      continue;
    }
    if (result.status != StoreStatus::done) {
      Error error = not_durable(result.status);
      co_await refuse(503, std::move(error));
      co_return false;
    }
    lane_.refused.note(attribution_.key, result.outcome.decision == Decision::does_not_fit);
    if (result.outcome.decision != Decision::granted) {
      const bool answered = co_await refuse_outcome(result);
      co_return answered;
    }
    lane_.metrics.hold_seconds.observe(Metrics::seconds(gateway_.env->boot_now() - submitted));
    held_ = true;
    hold_ = result.outcome.amount;
    for (const ledger::Account& account : result.accounts) {
      if (account.enforcement == ledger::Enforcement::watch) continue;
      least_remaining_ =
          has_hard_cap_ ? std::min(least_remaining_, account.remaining()) : account.remaining();
      has_hard_cap_ = true;
    }
    chosen_ = choose_form(shape_, plan_, result.outcome.form, hold_);
    co_return true;
  }
  co_return false;
}

}  // namespace purser::gateway
