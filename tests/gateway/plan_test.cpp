#include "plan.h"

#include <gtest/gtest.h>

namespace purser::gateway {
namespace {

using pricing::Price;
using pricing::TokenClass;
using providers::Format;
using providers::RequestShape;

// USD 3 a million tokens in, 15 out; a search costs a cent.
std::shared_ptr<const Price> priced() {
  auto price = std::make_shared<Price>();
  price->provider = "openai";
  price->model = "gpt-5";
  price->id = "openai/gpt-5";
  price->rates[TokenClass::input] = PicoUsd{3'000'000};
  price->rates[TokenClass::output] = PicoUsd{15'000'000};
  price->rates.fee[0] = PicoUsd{10'000'000'000};
  price->context_window_tokens = 200'000;
  price->max_output_tokens = 64'000;
  return price;
}

RequestShape chat(std::int64_t input_tokens, std::optional<std::int64_t> output_limit) {
  RequestShape shape;
  shape.format = Format::openai_chat;
  shape.model = "gpt-5";
  shape.input_tokens = input_tokens;
  shape.output_limit_tokens = output_limit;
  return shape;
}

PlanInput input_of(std::int64_t tokens) {
  PlanInput input;
  input.input_tokens = tokens;
  return input;
}

Nanos nanos(std::int64_t input, std::int64_t output) {
  return Nanos{input * 3'000 + output * 15'000};
}

TEST(Plan, BoundsInputAndOutput) {
  const auto plan = make_plan(chat(1000, 2000), priced(), input_of(1000));
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->forms.size(), 1u);
  EXPECT_EQ(plan->forms.front(), nanos(1000, 2000));
  EXPECT_EQ(plan->smallest, nanos(1000, 1024));
  EXPECT_FALSE(plan->free);
}

TEST(Plan, WithoutALimitTheModelsOwnMaximumHolds) {
  const auto plan = make_plan(chat(10, std::nullopt), priced(), input_of(10));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->full_output_tokens, 64'000);
  EXPECT_EQ(
      choose_form(chat(10, std::nullopt), *plan, 0, plan->forms.front()).form.output_limit_tokens,
      64'000);
}

TEST(Plan, InputNeverPassesTheContextWindow) {
  const auto plan = make_plan(chat(5'000'000, 10), priced(), input_of(5'000'000));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->forms.front(), nanos(200'000, 10));
}

TEST(Plan, UnseenContentCostsTheWholeWindow) {
  RequestShape shape = chat(100, 10);
  shape.reads_unseen = true;
  const auto plan = make_plan(shape, priced(), input_of(100));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->forms.front(), nanos(200'000, 10));
}

TEST(Plan, HostedToolsAreLoweredCallByCallToNone) {
  RequestShape shape = chat(1000, 2000);
  shape.has_web_search = true;
  shape.web_search_calls = 5;
  const auto plan = make_plan(shape, priced(), input_of(1000));
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->forms.size(), 6u);
  EXPECT_EQ(plan->forms[0], nanos(6 * 200'000, 2000) + Nanos{5 * 10'000'000});
  EXPECT_EQ(plan->forms[5], nanos(1000, 2000));
  const ChosenForm chosen = choose_form(shape, *plan, 5, plan->forms[5]);
  EXPECT_EQ(chosen.form.web_search_calls, 0);
  EXPECT_EQ(chosen.clamped, "web_search=0");
}

TEST(Plan, ManyCallsStillEndAtNone) {
  RequestShape shape = chat(1000, 2000);
  shape.has_web_search = true;
  shape.web_search_calls = 1'000'000;
  const auto plan = make_plan(shape, priced(), input_of(1000));
  ASSERT_TRUE(plan);
  EXPECT_LE(plan->forms.size(), ledger::kMaxForms);
  EXPECT_EQ(plan->web_search_calls.back(), 0);
  EXPECT_TRUE(std::is_sorted(plan->forms.rbegin(), plan->forms.rend()));
}

TEST(Plan, ASearchThatIsDemandedIsNotTakenOut) {
  RequestShape shape = chat(1000, 2000);
  shape.has_web_search = shape.requires_web_search = true;
  shape.web_search_calls = 3;
  const auto plan = make_plan(shape, priced(), input_of(1000));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->web_search_calls.back(), 1);
}

TEST(Plan, WhatWasGrantedBecomesTheOutputLimit) {
  const RequestShape shape = chat(1000, 50'000);
  const auto plan = make_plan(shape, priced(), input_of(1000));
  ASSERT_TRUE(plan);
  const ChosenForm chosen = choose_form(shape, *plan, plan->forms.size(), nanos(1000, 1200));
  EXPECT_EQ(chosen.form.output_limit_tokens, 1200);
  EXPECT_EQ(chosen.clamped, "output=1200");
}

TEST(Plan, WithoutClampingOnlyTheWholeRequestWillDo) {
  PlanInput input = input_of(1000);
  input.clamp = false;
  const auto plan = make_plan(chat(1000, 50'000), priced(), input);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->smallest, plan->forms.front());
}

TEST(Plan, AfterAnOverspendBoundsAreDoubled) {
  PlanInput input = input_of(1000);
  input.doubled = true;
  const RequestShape shape = chat(1000, 50'000);
  const auto plan = make_plan(shape, priced(), input);
  ASSERT_TRUE(plan);
  const Nanos once = nanos(1000, 50'000);
  EXPECT_EQ(plan->forms.front(), once + once);
  const ChosenForm chosen =
      choose_form(shape, *plan, plan->forms.size(), nanos(1000, 1200) + nanos(1000, 1200));
  EXPECT_EQ(chosen.form.output_limit_tokens, 1200);
}

TEST(LowerTo, LeavesAloneWhatIsCheapEnough) {
  auto plan = make_plan(chat(1000, 2000), priced(), input_of(1000));
  ASSERT_TRUE(plan);
  EXPECT_TRUE(lower_to(*plan, nanos(1000, 2000)));
  EXPECT_FALSE(plan->lowered_output);
  EXPECT_EQ(choose_form(chat(1000, 2000), *plan, 0, plan->forms.front()).clamped, "");
}

TEST(LowerTo, LowersTheOutputAndTellsIt) {
  const auto shape = chat(1000, 2000);
  for (const bool doubled : {false, true}) {
    PlanInput input = input_of(1000);
    input.doubled = doubled;
    auto plan = make_plan(shape, priced(), input);
    ASSERT_TRUE(plan);
    // A nano short of 1,501 tokens out.
    const Nanos most{(nanos(1000, 1501).count() - 1) * (doubled ? 2 : 1)};
    ASSERT_TRUE(lower_to(*plan, most));
    ASSERT_EQ(plan->forms.size(), 1u);
    EXPECT_LE(plan->forms.front(), most);
    EXPECT_GE(plan->forms.front(), plan->smallest);
    const auto chosen = choose_form(shape, *plan, 0, plan->forms.front());
    EXPECT_EQ(chosen.form.output_limit_tokens, 1500);
    EXPECT_EQ(chosen.clamped, "output=1500");
    // A cap with less room lowers it further, and no more than that.
    const Nanos room{nanos(1000, 1200).count() * (doubled ? 2 : 1)};
    EXPECT_EQ(choose_form(shape, *plan, 1, room).form.output_limit_tokens, 1200);
  }
}

TEST(LowerTo, RefusesWhatNoFormKeepsTo) {
  auto plan = make_plan(chat(1000, 2000), priced(), input_of(1000));
  ASSERT_TRUE(plan);
  const auto forms = plan->forms;
  EXPECT_FALSE(lower_to(*plan, nanos(1000, 1024) - Nanos{1}));
  EXPECT_EQ(plan->forms, forms);
  EXPECT_TRUE(lower_to(*plan, nanos(1000, 1024)));
  EXPECT_EQ(plan->full_output_tokens, 1024);
  PlanInput whole = input_of(1000);
  whole.clamp = false;
  auto unclamped = make_plan(chat(1000, 2000), priced(), whole);
  EXPECT_FALSE(lower_to(*unclamped, nanos(1000, 2000) - Nanos{1}));
}

TEST(LowerTo, TakesOutHostedCallsBeforeTheOutput) {
  RequestShape shape = chat(1000, 2000);
  shape.has_web_search = true;
  shape.web_search_calls = 3;
  auto plan = make_plan(shape, priced(), input_of(1000));
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->forms.size(), 4u);
  const Nanos one_call = plan->forms[2];
  ASSERT_TRUE(lower_to(*plan, one_call));
  EXPECT_EQ(plan->forms.size(), 2u);
  EXPECT_FALSE(plan->lowered_output);
  const auto chosen = choose_form(shape, *plan, 0, one_call);
  EXPECT_EQ(chosen.form.web_search_calls, 1);
  EXPECT_EQ(chosen.form.output_limit_tokens, 2000);
  EXPECT_EQ(chosen.clamped, "web_search=1");
}

TEST(Plan, AModelWithoutLimitsIsRefused) {
  auto price = std::make_shared<Price>(*priced());
  price->context_window_tokens.reset();
  const auto plan = make_plan(chat(10, 10), price, input_of(10));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, "no_limits");
  EXPECT_NE(plan.error().message.find("purser prices set openai/gpt-5"), std::string::npos);
}

TEST(Plan, CountingIsFree) {
  RequestShape shape = chat(10, std::nullopt);
  shape.format = Format::anthropic_count_tokens;
  const auto plan = make_plan(shape, priced(), input_of(10));
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->free);
}

}  // namespace
}  // namespace purser::gateway
