// Every recorded stream, whole and cut at every byte: the usage that was billed, and what the
// client gets.
#include <gtest/gtest.h>

#include "answer_fixtures.h"

namespace purser::providers {
namespace {

using pricing::Fee;
using pricing::TokenClass;
using pricing::Usage;

struct Tokens {
  std::int64_t input = 0, cached = 0, write_5m = 0, write_1h = 0, output = 0, reasoning = 0;
  std::int64_t searches = 0;
  std::string tier{};
};

Usage usage_of(const Tokens& tokens) {
  Usage usage;
  usage[TokenClass::input] = tokens.input;
  usage[TokenClass::cached_input] = tokens.cached;
  usage[TokenClass::cache_write_5m] = tokens.write_5m;
  usage[TokenClass::cache_write_1h] = tokens.write_1h;
  usage[TokenClass::output] = tokens.output;
  usage[Fee::web_search] = tokens.searches;
  usage.reasoning_tokens = tokens.reasoning;
  usage.service_tier = tokens.tier;
  return usage;
}

struct Recorded {
  const char* file;
  Format format;
  std::optional<Tokens> tokens;
  const char* model;
  const char* id;
  bool complete = true;
  bool provider_failed = false;
  std::int64_t tool_calls = 0;
  bool any_output = true;
  const char* hidden_file = nullptr;  // null: hiding is checked by the properties alone
};

constexpr Format kChat = Format::openai_chat;
constexpr Format kResponses = Format::openai_responses;
constexpr Format kMessages = Format::anthropic_messages;

const std::vector<Recorded>& recorded() {
  static const std::vector<Recorded> all = {
      {"chat_openai.sse", kChat,
       Tokens{.input = 86, .cached = 1920, .output = 300, .reasoning = 192},
       "gpt-5-mini-2025-08-07", "chatcmpl-C1x", true, false, 0, true, "chat_openai.hidden.sse"},
      {"chat_azure.sse", kChat, Tokens{.input = 17, .output = 9}, "gpt-4o-2024-11-20",
       "chatcmpl-Az9", true, false, 0, true, "chat_azure.hidden.sse"},
      {"chat_deepseek.sse", kChat, Tokens{.input = 53, .cached = 64, .output = 9}, "deepseek-chat",
       "1f633d8bfc032625086f14113c411638", true, false, 0, true, "chat_deepseek.hidden.sse"},
      {"chat_openrouter.sse", kChat,
       Tokens{.input = 4, .cached = 1500, .write_5m = 600, .output = 4},
       "anthropic/claude-sonnet-4.5", "gen-1763900002-aB"},
      {"chat_groq.sse", kChat, Tokens{.input = 43, .output = 12}, "llama-3.3-70b-versatile",
       "chatcmpl-g1"},
      {"chat_vllm_continuous.sse", kChat, Tokens{.input = 30, .output = 2}, "Qwen/Qwen3-8B",
       "chatcmpl-v"},
      {"chat_xai.sse", kChat, Tokens{.input = 26, .cached = 6, .output = 103, .reasoning = 94},
       "grok-4-0709", "d3b1"},
      {"chat_tools.sse", kChat, Tokens{.input = 80, .output = 40, .tier = "priority"},
       "gpt-4.1-2025-04-14", "chatcmpl-T", true, false, 2},
      {"chat_error.sse", kChat, std::nullopt, "x/y", "gen-9", false, true},
      {"chat_crlf_multiline.sse", kChat, Tokens{.input = 5, .output = 6}, "m", "chatcmpl-R", true,
       false, 0, true, "chat_crlf_multiline.hidden.sse"},
      {"chat_cr_bom_no_end.sse", kChat, Tokens{.input = 5, .output = 6}, "m", "b", true, false, 0,
       true, "chat_cr_bom_no_end.hidden.sse"},
      {"responses.sse", kResponses,
       Tokens{.input = 76,
              .cached = 1024,
              .write_5m = 3207,
              .output = 211,
              .reasoning = 128,
              .searches = 1},
       "gpt-5-2025-08-07", "resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654", true, false, 1},
      {"responses_incomplete.sse", kResponses,
       Tokens{.input = 12, .output = 16, .reasoning = 16, .tier = "flex"}, "gpt-5-mini", "resp_i"},
      {"responses_failed.sse", kResponses, std::nullopt, "gpt-5-mini", "resp_f", true, true, 0,
       false},
      {"messages.sse", kMessages,
       Tokens{.input = 21, .cached = 18886, .write_5m = 456, .write_1h = 100, .output = 389},
       "claude-sonnet-4-5-20250929", "msg_01XFDUDYJgAACzvnptvVoYEL", true, false, 1},
      {"messages_2023.sse", kMessages, Tokens{.input = 25, .output = 15}, "claude-opus-4-20250514",
       "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY"},
      {"messages_web_search.sse", kMessages, Tokens{.input = 10682, .output = 510, .searches = 1},
       "claude-opus-4-1-20250805", "msg_01G"},
      {"messages_compaction.sse", kMessages,
       Tokens{.input = 203000, .output = 4500, .reasoning = 400}, "claude-opus-4-6", "msg_C"},
      {"messages_error.sse", kMessages, std::nullopt, "", "", false, true, 0, false},
  };
  return all;
}

class RecordedStream : public testing::TestWithParam<Recorded> {};

TEST_P(RecordedStream, IsMeteredAsBilled) {
  const Recorded& expected = GetParam();
  const MeteredStream got = meter(expected.format, false, {answer_fixture(expected.file)});
  EXPECT_EQ(got.summary.suspicious, "");
  ASSERT_EQ(got.summary.usage.has_value(), expected.tokens.has_value());
  if (expected.tokens) {
    const Usage wanted = usage_of(*expected.tokens);
    EXPECT_EQ(got.summary.usage->tokens, wanted.tokens);
    EXPECT_EQ(got.summary.usage->fee_calls, wanted.fee_calls);
    EXPECT_EQ(got.summary.usage->reasoning_tokens, wanted.reasoning_tokens);
    EXPECT_EQ(got.summary.usage->service_tier, wanted.service_tier);
  }
  EXPECT_EQ(got.summary.model, expected.model);
  EXPECT_EQ(got.summary.response_id, expected.id);
  EXPECT_EQ(got.summary.usage_is_final, expected.tokens.has_value());
  EXPECT_EQ(got.summary.complete, expected.complete);
  EXPECT_EQ(got.summary.provider_failed, expected.provider_failed);
  EXPECT_EQ(got.summary.error_body.empty(), !expected.provider_failed);
  EXPECT_EQ(got.summary.tool_calls, expected.tool_calls);
  EXPECT_EQ(got.summary.any_output, expected.any_output);
}

TEST_P(RecordedStream, PassesByteForByteWhereverItIsCut) {
  const std::string stream = answer_fixture(GetParam().file);
  const MeteredStream whole = meter(GetParam().format, false, {stream});
  EXPECT_EQ(whole.relayed, stream);
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    const MeteredStream got =
        meter(GetParam().format, false, {stream.substr(0, cut), stream.substr(cut)});
    ASSERT_EQ(got.relayed, stream) << "cut at " << cut;
    expect_same(got.summary, whole.summary);
    if (HasFailure()) FAIL() << "cut at " << cut;
  }
  const MeteredStream bytewise = meter(GetParam().format, false, bytes_of(stream));
  EXPECT_EQ(bytewise.relayed, stream);
  expect_same(bytewise.summary, whole.summary);
}

TEST_P(RecordedStream, HidesTheSameWhereverItIsCut) {
  const std::string stream = answer_fixture(GetParam().file);
  const MeteredStream open = meter(GetParam().format, false, {stream});
  const MeteredStream whole = meter(GetParam().format, true, {stream});
  expect_same(whole.summary, open.summary);
  if (GetParam().format != kChat) {
    EXPECT_EQ(whole.relayed, stream);
  } else if (GetParam().hidden_file != nullptr) {
    EXPECT_EQ(whole.relayed, answer_fixture(GetParam().hidden_file));
  }
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    const MeteredStream got =
        meter(GetParam().format, true, {stream.substr(0, cut), stream.substr(cut)});
    ASSERT_EQ(got.relayed, whole.relayed) << "cut at " << cut;
    expect_same(got.summary, whole.summary);
    if (HasFailure()) FAIL() << "cut at " << cut;
  }
  const MeteredStream bytewise = meter(GetParam().format, true, bytes_of(stream));
  EXPECT_EQ(bytewise.relayed, whole.relayed);
  expect_same(bytewise.summary, whole.summary);
}

TEST_P(RecordedStream, HasThePlaceBeforeItsEnd) {
  const std::string stream = answer_fixture(GetParam().file);
  int calls = 0;
  const auto comment = [&calls](const AnswerSummary& summary) {
    ++calls;
    EXPECT_TRUE(summary.complete);
    return std::string(": cost\n\n");
  };
  const MeteredStream whole = meter(GetParam().format, false, {stream}, comment);
  EXPECT_EQ(calls, GetParam().complete ? 1 : 0);
  std::string without = whole.relayed;
  if (GetParam().complete) {
    const std::size_t at = without.find(": cost\n\n");
    ASSERT_NE(at, std::string::npos);
    const std::string rest = without.substr(at + 8);  // the last frame and no other
    EXPECT_NE(rest.find("data:"), std::string::npos);
    EXPECT_EQ(rest.find("data:"), rest.rfind("data:"));
    without.erase(at, 8);
  }
  EXPECT_EQ(without, stream);
  EXPECT_EQ(meter(GetParam().format, false, bytes_of(stream), comment).relayed, whole.relayed);
}

INSTANTIATE_TEST_SUITE_P(All, RecordedStream, testing::ValuesIn(recorded()),
                         [](const testing::TestParamInfo<Recorded>& one) {
                           std::string name = one.param.file;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace purser::providers
