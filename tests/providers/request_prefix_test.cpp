// A conversation that goes on is recognised by its leading part; anything that changes what the
// model reads there makes it another one.
#include <algorithm>

#include "input_bound.h"
#include "request_test_support.h"

namespace purser::providers {
namespace {

bool goes_on(const RequestShape& earlier, const RequestShape& later) {
  return std::any_of(later.prefixes.begin(), later.prefixes.end(), [&](const PrefixMark& mark) {
    return mark.digest == earlier.prefixes.back().digest;
  });
}

RequestShape turn(const std::string& list, const std::string& members = "") {
  const auto shape = read_messages(messages(members, list));
  EXPECT_TRUE(shape) << message_of(shape);
  return *shape;
}

const char* const kFirst = R"([{"role":"user","content":"one"}])";
const char* const kSecond =
    R"([{"role":"user","content":"one"},{"role":"assistant","content":"two"},{"role":"user","content":"three"}])";

TEST(Prefixes, TheNextTurnContainsTheOneBefore) {
  EXPECT_TRUE(goes_on(turn(kFirst), turn(kSecond)));
  EXPECT_FALSE(goes_on(turn(kSecond), turn(kFirst)));
  EXPECT_TRUE(goes_on(turn(kFirst), turn(kFirst)));
}

TEST(Prefixes, AscendAndEndWithTheWholeInput) {
  const RequestShape shape = turn(kSecond);
  ASSERT_EQ(shape.prefixes.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i)
    EXPECT_GT(shape.prefixes[i].input_tokens, shape.prefixes[i - 1].input_tokens);
  EXPECT_EQ(shape.prefixes.back().input_tokens, shape.input_tokens);
}

TEST(Prefixes, AreBoundedInNumber) {
  std::string list = R"([{"role":"user","content":"0"})";
  for (int i = 1; i < 200; ++i)
    list += R"(,{"role":"user","content":")" + std::to_string(i) + "\"}";
  const RequestShape shape = turn(list + "]");
  EXPECT_EQ(shape.prefixes.size(), 1 + InputBound::kMostMarks);
  EXPECT_EQ(shape.prefixes.back().input_tokens, shape.input_tokens);
}

// Claude Code moves its markers to the last blocks of each turn.
TEST(Prefixes, MarkersMayMove) {
  const std::string mark = R"(,"cache_control":{"type":"ephemeral"})";
  const std::string system = R"(,"system":[{"type":"text","text":"S")" + mark + "}]";
  const RequestShape first =
      turn(R"([{"role":"user","content":[{"type":"text","text":"one")" + mark + "}]}]", system);
  const RequestShape second = turn(
      R"([{"role":"user","content":[{"type":"text","text":"one"}]},{"role":"assistant","content":"two"},{"role":"user","content":[{"type":"text","text":"three")" +
          mark + "}]}]",
      R"(,"system":[{"type":"text","text":"S"}])");
  EXPECT_TRUE(goes_on(first, second));
  // In front of the other members, and in a result of a tool.
  EXPECT_TRUE(goes_on(
      turn(
          R"([{"content":[{"cache_control":{"type":"ephemeral"},"type":"tool_result","content":[{"type":"text","text":"x","cache_control":null}]}]}])"),
      turn(
          R"([{"content":[{"type":"tool_result","content":[{"type":"text","text":"x"}]}]},{"content":"y"}])")));
  // Anthropic calls the text short for the block.
  EXPECT_TRUE(goes_on(first, turn(kSecond, system)));
}

TEST(Prefixes, WhatTheModelReadsMakesADifference) {
  const RequestShape plain = turn(kFirst);
  for (const char* members :
       {R"(,"system":"x")", R"(,"tools":[{"name":"f"}])", R"(,"tool_choice":{"type":"none"})",
        R"(,"thinking":{"type":"adaptive"})", R"(,"output_config":{"effort":"low"})",
        R"(,"some_new_field":1)",
        R"(,"context_management":{"edits":[{"type":"clear_thinking_20251015"}]})"})
    EXPECT_FALSE(goes_on(plain, turn(kSecond, members))) << members;
  EXPECT_FALSE(goes_on(plain, turn(R"([{"role":"user","content":"onE"},{"content":"x"}])")));
  EXPECT_FALSE(goes_on(plain, turn(R"([{"role":"assistant","content":"one"}])")));
  const auto other = read_messages(
      R"({"model":"claude-y","max_tokens":1,"messages":[{"role":"user","content":"one"}]})");
  EXPECT_FALSE(goes_on(plain, *other));
  const auto beta = read_request(Format::anthropic_messages, Dialect::anthropic,
                                 messages("", kFirst), {.anthropic_betas = {"x"}});
  EXPECT_FALSE(goes_on(plain, *beta));
}

TEST(Prefixes, WhatItDoesNotReadMakesNone) {
  const RequestShape plain = turn(kFirst);
  for (const char* members :
       {R"(,"stream":true)", R"(,"temperature":0.5)", R"(,"metadata":{"user_id":"u"})",
        R"(,"stop_sequences":["x"])", R"(,"diagnostics":{"previous_message_id":"msg_1"})",
        R"(,"cache_control":{"type":"ephemeral"})", R"(,"service_tier":"auto")"})
    EXPECT_TRUE(goes_on(plain, turn(kSecond, members))) << members;
}

// A property of a schema with the marker's name is read by the model.
TEST(Prefixes, ASchemaHidesNothingBehindTheMarkersName) {
  const auto tool = [](const std::string& text) {
    return R"(,"tools":[{"name":"f","input_schema":{"properties":{"cache_control":{"type":"ephemeral","description":")" +
           text + "\"}}}}]";
  };
  EXPECT_FALSE(goes_on(turn(kFirst, tool("a")), turn(kFirst, tool("b"))));
  EXPECT_FALSE(
      goes_on(turn(R"([{"content":[{"type":"tool_use","input":{"cache_control":{"ttl":"5m"}}}]}])"),
              turn(R"([{"content":[{"type":"tool_use","input":{}}]}])")));
}

TEST(Prefixes, TextsDoNotRunIntoEachOther) {
  const auto list = [](const char* a, const char* b) {
    return R"([{"role":"user","content":")" + std::string(a) + R"("},{"role":"user","content":")" +
           std::string(b) + "\"}]";
  };
  EXPECT_FALSE(goes_on(turn(list("ab", "c")), turn(list("a", "bc"))));
}

TEST(Prefixes, AreNotGivenWhereEarlierBillsSayNothing) {
  EXPECT_TRUE(
      turn(kFirst, R"(,"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]})")
          .prefixes.empty());
  EXPECT_TRUE(read_responses(responses(R"(,"truncation":"auto")"))->prefixes.empty());
  EXPECT_FALSE(read_responses(responses(R"(,"truncation":"disabled")"))->prefixes.empty());
}

TEST(Prefixes, OfResponses) {
  const auto first = read_responses(responses("", R"([{"role":"user","content":"one"}])"));
  const auto second = read_responses(responses(
      R"(,"client_metadata":{"turn":"2"})",
      R"([{"role":"user","content":"one"},{"type":"reasoning","encrypted_content":"x"},{"role":"user","content":"two"}])"));
  EXPECT_TRUE(goes_on(*first, *second));
  const auto other = read_responses(
      responses(R"(,"previous_response_id":"resp_1")", R"([{"role":"user","content":"one"}])"));
  EXPECT_FALSE(goes_on(*first, *other));
}

}  // namespace
}  // namespace purser::providers
