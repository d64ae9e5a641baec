// The end of an exchange: exactly one settle for a hold, at what was billed or, where nobody can
// know, at the hold.
#include <algorithm>

#include "exchange.h"

namespace purser::gateway {

Nanos Exchange::cost_of(const pricing::Usage& usage, store::SettleRequest& request) {
  const Result<Nanos> cost = pricing::cost(*plan_.price, usage);
  if (cost) return *cost;
  // The book has no price for it: seen, and settled at the hold; never silently free.
  lane_.metrics.unpriced.add("model=\"" + plan_.price->id + "\"");
  request.in_full = true;
  request.flags |= store::kUnpriced | store::kEstimated;
  return hold_;
}

Nanos Exchange::remaining_after(Nanos cost) const { return least_remaining_ + hold_ - cost; }

void Exchange::settle(Billed billed, const char* ending, const providers::AnswerSummary* summary) {
  if (!held_ || settled_) return;
  settled_ = true;
  outcome_ = ending;
  lane_.metrics.endings.add(std::string("ending=\"") + ending + "\"");

  store::SettleRequest request;
  request.request = request_;
  request.status = status_;
  request.ending = ending;
  if (summary != nullptr) {
    request.actual_model = summary->model;
    request.provider_request_id = summary->response_id;
    request.counts.tool_calls = summary->tool_calls;
  }
  if (billed == Billed::as_used) {
    const pricing::Usage& usage = *summary->usage;
    request.counts.tokens.assign(usage.tokens.begin(), usage.tokens.end());
    request.counts.fee_calls.assign(usage.fee_calls.begin(), usage.fee_calls.end());
    request.counts.reasoning_tokens = usage.reasoning_tokens;
    request.service_tier = usage.service_tier;
    request.cost = cost_of(usage, request);
    gateway_.prefixes.remember(shape_, usage.all_input_tokens());
    if (format_ == providers::Format::openai_responses && !summary->response_id.empty())
      gateway_.responses.add(
          summary->response_id,
          {principal_->user, usage.all_input_tokens() + usage[pricing::TokenClass::output]});
  } else if (billed == Billed::nothing) {
    request.flags |= store::kReleased;
  } else {
    request.in_full = true;
    request.flags |= store::kEstimated;
    request.cost = hold_;
  }
  cost_ = request.cost;
  lane_.metrics.cost_nanos.fetch_add(cost_.count(), std::memory_order_relaxed);
  if (cost_ > Nanos{0})
    lane_.metrics.hold_to_cost.observe(static_cast<double>(hold_.count()) /
                                       static_cast<double>(cost_.count()));
  gateway_.settle(lane_.io, std::move(request), gateway_.env->boot_now());
}

}  // namespace purser::gateway
