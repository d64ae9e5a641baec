#include "plan.h"

#include <algorithm>

#include "purser/base/check.h"

namespace purser::gateway {
namespace {

using providers::Format;

bool has_output(Format format) {
  return format == Format::openai_chat || format == Format::openai_responses ||
         format == Format::anthropic_messages;
}

// The calls of hosted tools that are tried, falling: as asked, halved until one, and none unless
// the request makes no sense without.
boost::container::static_vector<std::int64_t, ledger::kMaxForms> calls_to_try(
    const providers::RequestShape& shape, bool clamp) {
  boost::container::static_vector<std::int64_t, ledger::kMaxForms> calls;
  std::int64_t next = shape.has_web_search ? shape.web_search_calls : 0;
  calls.push_back(next);
  if (!clamp) return calls;
  const std::int64_t least = shape.requires_web_search ? 1 : 0;
  while (next > least && calls.size() < ledger::kMaxForms) {
    const bool last_place = calls.size() + 1 == ledger::kMaxForms;
    next = last_place ? least : std::max(least, next > 5 ? next / 2 : next - 1);
    calls.push_back(next);
  }
  return calls;
}

pricing::BoundShape bound_shape(const providers::RequestShape& shape, std::int64_t input_tokens,
                                std::int64_t context_window, std::int64_t calls,
                                std::int64_t output) {
  pricing::BoundShape bound;
  const std::int64_t once =
      shape.reads_unseen ? context_window : std::min(input_tokens, context_window);
  bound.input_tokens = calls > 0 ? (calls + 1) * context_window : once;
  bound.output_tokens = output;
  bound.choices = shape.choices;
  bound.may_write_cache_5m = shape.may_write_cache_5m;
  bound.may_write_cache_1h = shape.may_write_cache_1h;
  bound.has_audio_input = shape.has_audio_input;
  bound.has_audio_output = shape.has_audio_output;
  bound.fee_calls[static_cast<std::size_t>(pricing::Fee::web_search)] = calls;
  return bound;
}

Error no_limits(const pricing::Price& price, const char* what) {
  return {
      "no_limits",
      "The price book knows no " + std::string(what) + " for " + price.id +
          ", so what a request can cost is unbounded. An admin sets it with `purser prices set " +
          price.id + " --context-window TOKENS --max-output TOKENS`.",
      Side::us};
}

Nanos doubled_if(Nanos amount, bool doubled) {
  return doubled ? std::min(kMaxAmount, amount + amount) : amount;
}

}  // namespace

Result<Plan> make_plan(const providers::RequestShape& shape,
                       std::shared_ptr<const pricing::Price> price, const PlanInput& input) {
  Plan plan;
  plan.price = price;
  plan.free = price->is_free() || shape.format == Format::anthropic_count_tokens;
  plan.doubled = input.doubled;
  plan.input_tokens = input.input_tokens;
  if (plan.free) {
    plan.forms.push_back(Nanos{0});
    plan.web_search_calls.push_back(shape.web_search_calls);
    plan.full_output_tokens =
        shape.output_limit_tokens.value_or(price->max_output_tokens.value_or(0));
    return plan;
  }
  if (!price->context_window_tokens) return no_limits(*price, "context window");
  const std::int64_t window = *price->context_window_tokens;
  if (has_output(shape.format)) {
    if (!shape.output_limit_tokens && !price->max_output_tokens)
      return no_limits(*price, "output limit");
    plan.full_output_tokens =
        shape.output_limit_tokens ? *shape.output_limit_tokens : *price->max_output_tokens;
  }

  const auto price_of = [&](std::int64_t calls, std::int64_t output) -> Result<Nanos> {
    const auto bound = bound_shape(shape, input.input_tokens, window, calls, output);
    Result<Nanos> amount = pricing::bound(*price, bound);
    if (!amount) return amount;
    return doubled_if(*amount, input.doubled);
  };
  for (const std::int64_t calls : calls_to_try(shape, input.clamp)) {
    Result<Nanos> amount = price_of(calls, plan.full_output_tokens);
    if (!amount) return amount.error();
    plan.forms.push_back(*amount);
    plan.web_search_calls.push_back(calls);
  }
  const std::int64_t last_calls = plan.web_search_calls.back();
  plan.last_shape =
      bound_shape(shape, input.input_tokens, window, last_calls, plan.full_output_tokens);
  plan.smallest = plan.forms.back();
  if (input.clamp && has_output(shape.format)) {
    const std::int64_t least =
        providers::smallest_output_limit_tokens(shape, plan.full_output_tokens);
    Result<Nanos> amount = price_of(last_calls, std::min(least, plan.full_output_tokens));
    if (!amount) return amount.error();
    plan.smallest = *amount;
  }
  PURSER_ASSERT(plan.smallest <= plan.forms.back());
  return plan;
}

bool lower_to(Plan& plan, Nanos most) {
  if (plan.forms.front() <= most) return true;
  if (plan.smallest > most) return false;
  std::size_t first = 0;
  while (first < plan.forms.size() && plan.forms[first] > most) ++first;
  if (first < plan.forms.size()) {
    plan.forms.erase(plan.forms.begin(), plan.forms.begin() + static_cast<std::ptrdiff_t>(first));
    plan.web_search_calls.erase(plan.web_search_calls.begin(),
                                plan.web_search_calls.begin() + static_cast<std::ptrdiff_t>(first));
    return true;
  }
  // What is left to lower is the output of the last form.
  const Nanos undoubled = plan.doubled ? Nanos{most.count() / 2} : most;
  const std::int64_t output =
      pricing::output_tokens_that_fit(*plan.price, plan.last_shape, undoubled);
  pricing::BoundShape lowered = plan.last_shape;
  lowered.output_tokens = std::min(output, plan.full_output_tokens);
  const Result<Nanos> amount = pricing::bound(*plan.price, lowered);
  if (!amount) return false;
  const Nanos held = doubled_if(*amount, plan.doubled);
  if (held > most || held < plan.smallest) return false;
  const std::int64_t last_calls = plan.web_search_calls.back();
  plan.forms.assign(1, held);
  plan.web_search_calls.assign(1, last_calls);
  plan.last_shape = lowered;
  plan.full_output_tokens = lowered.output_tokens;
  plan.lowered_output = true;
  return true;
}

ChosenForm choose_form(const providers::RequestShape& shape, const Plan& plan,
                       std::size_t granted_form, Nanos granted) {
  ChosenForm chosen;
  const bool lowered_output = granted_form >= plan.forms.size();
  const std::int64_t calls =
      lowered_output ? plan.web_search_calls.back() : plan.web_search_calls[granted_form];
  chosen.form.web_search_calls = calls;
  if (shape.has_web_search && calls < shape.web_search_calls)
    chosen.clamped = "web_search=" + std::to_string(calls);
  if (!has_output(shape.format) || plan.full_output_tokens == 0) return chosen;
  std::int64_t output = plan.full_output_tokens;
  if (lowered_output) {
    const Nanos amount = plan.doubled ? Nanos{granted.count() / 2} : granted;
    output = std::min(plan.full_output_tokens,
                      pricing::output_tokens_that_fit(*plan.price, plan.last_shape, amount));
    PURSER_ASSERT(output >= 0);
  }
  if (lowered_output || plan.lowered_output) {
    const std::string told = "output=" + std::to_string(output);
    chosen.clamped = chosen.clamped.empty() ? told : told + "," + chosen.clamped;
  }
  chosen.form.output_limit_tokens = output;
  return chosen;
}

}  // namespace purser::gateway
