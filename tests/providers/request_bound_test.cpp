// The class-1 bound: never below what a model can read, and not far above.
#include <gtest/gtest.h>

#include "input_bound.h"
#include "json_text.h"
#include "request_test_support.h"

namespace purser::providers {
namespace {

std::int64_t of_text(const std::string& text) {
  return read_chat(chat("", R"([{"role":"user","content":)" + quoted_text(text) + "}]"))
      ->input_tokens;
}

TEST(InputBound, CountsEveryByteOfText) {
  const std::int64_t empty = of_text("");
  EXPECT_EQ(of_text(std::string(5000, 'x')), empty + 5000);
  EXPECT_EQ(of_text("中文"), empty + 6);
  EXPECT_EQ(of_text("😀"), empty + 4);
  EXPECT_GE(of_text("\n\t\"\\"), empty + 4);
  // An escape is longer than what it stands for.
  const auto escaped =
      read_chat(chat("", R"([{"role":"user","content":"\u4e2d\ud83d\ude00\u0041"}])"));
  EXPECT_GE(escaped->input_tokens, empty + 3 + 4 + 1);
}

TEST(InputBound, SpacesBetweenTokensOfJsonDoNotCount) {
  const auto tight = read_chat(chat("", R"([{"role":"user","content":"a b"}])"));
  const auto loose =
      read_chat(chat("", "[\n  {\n    \"role\" : \"user\",\n    \"content\" : \"a b\"\n  }\n]"));
  EXPECT_EQ(tight->input_tokens, loose->input_tokens);
}

TEST(InputBound, EveryMessageToolAndBlockHasAnOverhead) {
  const auto tokens = [](const std::string& body) { return read_messages(body)->input_tokens; };
  const std::int64_t one = tokens(messages("", R"([{"content":""}])"));
  EXPECT_GE(tokens(messages("", R"([{"content":""},{"content":""}])")), one + kMessageTokens);
  const std::int64_t tool = tokens(messages(R"(,"tools":[{"name":"f"}])", R"([{"content":""}])"));
  EXPECT_GE(tool, one + kToolTokens + kToolPromptTokens);
  EXPECT_GE(
      tokens(messages(R"(,"tools":[{"type":"bash_20250124","name":"f"}])", R"([{"content":""}])")),
      tool + kTypedToolTokens);
  EXPECT_GE(tokens(messages("", R"([{"content":[{"type":"text","text":""}]}])")),
            one + kMessageTokens);
}

// What was added for one message is not added for the next again.
TEST(InputBound, OverheadsDoNotPileUp) {
  const std::string message =
      R"({"role":"user","content":[{"type":"image","source":{"type":"base64","data":"AAAA"}},{"type":"text","text":"x"}]})";
  const auto tokens = [&](int count) {
    std::string list = message;
    for (int i = 1; i < count; ++i) list += "," + message;
    return read_messages(messages("", "[" + list + "]"))->input_tokens;
  };
  EXPECT_EQ(tokens(3) - tokens(2), tokens(2) - tokens(1));
  EXPECT_EQ(tokens(50) - tokens(49), tokens(2) - tokens(1));
}

// A provider may write a schema into its prompt with an escape for each such character.
TEST(InputBound, CharactersOfASchemaMayBecomeEscapes) {
  const auto tokens = [](const std::string& text) {
    return read_responses(responses(R"(,"tools":[{"type":"function","name":"f","description":")" +
                                    text + "\"}]"))
        ->input_tokens;
  };
  EXPECT_EQ(tokens("é"), tokens("") + 6);
  EXPECT_EQ(tokens("中"), tokens("") + 9);
  const auto input = [](const std::string& text) {
    return read_messages(
               messages("", R"([{"content":[{"type":"tool_use","name":"f","input":{"a":")" + text +
                                "\"}}]}]"))
        ->input_tokens;
  };
  EXPECT_EQ(input("é"), input("") + 6);
}

TEST(InputBound, WhatTheModelDoesNotReadDoesNotCount) {
  const std::int64_t plain = read_chat(chat(""))->input_tokens;
  const std::string much = std::string(3000, 'x');
  for (const char* field : {"user", "prompt_cache_key", "stop", "safety_identifier"})
    EXPECT_EQ(read_chat(chat(",\"" + std::string(field) + "\":\"" + much + "\""))->input_tokens,
              plain)
        << field;
  EXPECT_EQ(read_chat(chat(R"(,"metadata":{"a":")" + much + "\"}"))->input_tokens, plain);
  EXPECT_GE(read_chat(chat(R"(,"response_format":{"type":"json_schema","json_schema":{"a":")" +
                           much + "\"}}"))
                ->input_tokens,
            plain + 3000);
}

// Ordinary prose is four bytes a token: a bound by bytes must not be worse than that by much.
TEST(InputBound, IsTightForALongText) {
  const std::string text(100'000, 'x');
  EXPECT_LT(of_text(text), 100'300);
  const auto messages_shape =
      read_messages(messages("", R"([{"role":"user","content":")" + text + "\"}]"));
  EXPECT_LT(messages_shape->input_tokens, 100'300);
}

}  // namespace
}  // namespace purser::providers
