// What is odd in a usage, field by field: what is taken, and what is suspicious.
#include <gtest/gtest.h>

#include "answer_fixtures.h"

namespace purser::providers {
namespace {

using pricing::Fee;
using pricing::TokenClass;

AnswerSummary chat(const std::string& usage) {
  return read_answer(Format::openai_chat,
                     R"({"id":"c","model":"m","choices":[],"usage":)" + usage + "}");
}
AnswerSummary messages(const std::string& usage) {
  return read_answer(
      Format::anthropic_messages,
      R"({"id":"m","model":"m","type":"message","content":[],"usage":)" + usage + "}");
}

TEST(AnswerUsage, OfAChatAnswer) {
  const AnswerSummary got = read_answer(Format::openai_chat, answer_fixture("chat.json"));
  ASSERT_TRUE(got.usage);
  EXPECT_EQ((*got.usage)[TokenClass::input], 40);  // 119 − 60 audio − 19 cached
  EXPECT_EQ((*got.usage)[TokenClass::cached_input], 19);
  EXPECT_EQ((*got.usage)[TokenClass::input_audio], 60);
  EXPECT_EQ((*got.usage)[TokenClass::output], 20);
  EXPECT_EQ((*got.usage)[TokenClass::output_audio], 30);
  EXPECT_EQ(got.usage->reasoning_tokens, 10);
  EXPECT_EQ(got.usage->service_tier, "");
  EXPECT_EQ(got.model, "gpt-4.1-2025-04-14");
  EXPECT_EQ(got.response_id, "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT");
  EXPECT_EQ(got.tool_calls, 1);
  EXPECT_TRUE(got.complete);
  EXPECT_EQ(got.suspicious, "");
}

TEST(AnswerUsage, OfAnEmbeddingsAnswer) {
  const AnswerSummary got =
      read_answer(Format::openai_embeddings, answer_fixture("embeddings.json"));
  ASSERT_TRUE(got.usage);
  EXPECT_EQ((*got.usage)[TokenClass::input], 8);
  EXPECT_EQ((*got.usage)[TokenClass::output], 0);
  EXPECT_EQ(got.model, "text-embedding-ada-002");
  EXPECT_TRUE(got.complete);
}

TEST(AnswerUsage, OfAResponse) {
  const AnswerSummary got = read_answer(Format::openai_responses, answer_fixture("responses.json"));
  ASSERT_TRUE(got.usage);
  EXPECT_EQ((*got.usage)[TokenClass::input], 36);
  EXPECT_EQ((*got.usage)[TokenClass::output], 87);
  EXPECT_EQ((*got.usage)[Fee::web_search], 1);  // the failed search; finding in a page is no search
  EXPECT_EQ(got.tool_calls, 1);
  EXPECT_EQ(got.response_id, "resp_67ccd2bed1ec8190b14f964abc054267");
  EXPECT_TRUE(got.complete);
  EXPECT_FALSE(got.provider_failed);
}

TEST(AnswerUsage, OfAMessage) {
  const AnswerSummary got =
      read_answer(Format::anthropic_messages, answer_fixture("messages.json"));
  ASSERT_TRUE(got.usage);
  EXPECT_EQ((*got.usage)[TokenClass::input], 2095);
  EXPECT_EQ((*got.usage)[TokenClass::cached_input], 51);
  EXPECT_EQ((*got.usage)[TokenClass::cache_write_5m], 0);
  EXPECT_EQ((*got.usage)[TokenClass::cache_write_1h], 300);
  EXPECT_EQ((*got.usage)[TokenClass::output], 503);
  EXPECT_EQ((*got.usage)[Fee::web_search], 3);
  EXPECT_EQ(got.usage->service_tier, "priority");
  EXPECT_EQ(got.tool_calls, 1);
  EXPECT_TRUE(got.complete);
}

TEST(AnswerUsage, OfCountingIsFree) {
  const AnswerSummary got = read_answer(Format::anthropic_count_tokens, R"({"input_tokens":2095})");
  ASSERT_TRUE(got.usage);
  EXPECT_EQ(*got.usage, pricing::Usage{});
  EXPECT_TRUE(got.complete);
}

struct Odd {
  const char* name;
  const char* usage;
  const char* suspicious;  // a part of it; "": taken
  std::int64_t input = 0, cached = 0, output = 0;
};

class OddChatUsage : public testing::TestWithParam<Odd> {};
TEST_P(OddChatUsage, IsTakenOrSuspicious) {
  const AnswerSummary got = chat(GetParam().usage);
  EXPECT_NE(got.suspicious.find(GetParam().suspicious), std::string::npos) << got.suspicious;
  EXPECT_EQ(got.suspicious.empty(), std::string(GetParam().suspicious).empty());
  ASSERT_EQ(got.usage.has_value(), got.suspicious.empty());
  if (!got.usage) return;
  EXPECT_EQ((*got.usage)[TokenClass::input], GetParam().input);
  EXPECT_EQ((*got.usage)[TokenClass::cached_input], GetParam().cached);
  EXPECT_EQ((*got.usage)[TokenClass::output], GetParam().output);
}

INSTANTIATE_TEST_SUITE_P(
    All, OddChatUsage,
    testing::Values(
        Odd{"negative", R"({"prompt_tokens":-1,"completion_tokens":2})", "prompt_tokens"},
        Odd{"text", R"({"prompt_tokens":"1","completion_tokens":2})", "prompt_tokens"},
        Odd{"fraction", R"({"prompt_tokens":1,"completion_tokens":2.5})", "completion_tokens"},
        Odd{"whole_double", R"({"prompt_tokens":1.0,"completion_tokens":2e1})", "", 1, 0, 20},
        Odd{"truth", R"({"prompt_tokens":true,"completion_tokens":2})", "prompt_tokens"},
        Odd{"absurd", R"({"prompt_tokens":1000000000001,"completion_tokens":2})", "prompt_tokens"},
        Odd{"beyond_int64", R"({"prompt_tokens":1,"completion_tokens":18446744073709551615})",
            "completion_tokens"},
        Odd{"infinite", R"({"prompt_tokens":1,"completion_tokens":1e300})", "completion_tokens"},
        Odd{"missing_input", R"({"completion_tokens":2})", "prompt_tokens is missing"},
        Odd{"missing_output", R"({"prompt_tokens":2})", "completion_tokens is missing"},
        Odd{"null_output", R"({"prompt_tokens":2,"completion_tokens":null})", "missing"},
        Odd{"empty", "{}", "missing"},
        Odd{"zeros", R"({"prompt_tokens":0,"completion_tokens":0})", "no token"},
        Odd{"twice", R"({"prompt_tokens":2,"prompt_tokens":2,"completion_tokens":1})", "twice"},
        Odd{"null_details",
            R"({"prompt_tokens":2,"completion_tokens":1,"prompt_tokens_details":null})", "", 2, 0,
            1},
        Odd{"details_no_object",
            R"({"prompt_tokens":2,"completion_tokens":1,"prompt_tokens_details":7})", "", 2, 0, 1},
        Odd{"bad_detail",
            R"({"prompt_tokens":2,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":-1}})",
            "cached_tokens"},
        Odd{"cached_above_input",
            R"({"prompt_tokens":2,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":3}})",
            "larger than the whole"},
        Odd{"audio_above_output",
            R"({"prompt_tokens":2,"completion_tokens":1,"completion_tokens_details":{"audio_tokens":3}})",
            "larger than the whole"},
        Odd{"reasoning_outside_by_total",
            R"({"prompt_tokens":2,"completion_tokens":1,"total_tokens":10,"completion_tokens_details":{"reasoning_tokens":7}})",
            "", 2, 0, 8},
        Odd{"reasoning_outside_without_total",
            R"({"prompt_tokens":2,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":7}})",
            "", 2, 0, 8},
        Odd{"total_too_small", R"({"prompt_tokens":2,"completion_tokens":1,"total_tokens":1})", "",
            2, 0, 1},
        Odd{"moonshot", R"({"prompt_tokens":9,"completion_tokens":1,"cached_tokens":4})", "", 5, 4,
            1},
        Odd{"sources", R"({"prompt_tokens":9,"completion_tokens":1,"num_sources_used":2})",
            "no price"}),
    [](const testing::TestParamInfo<Odd>& one) { return one.param.name; });

TEST(AnswerUsage, OfCachedAudioIsCountedAsTextFirst) {
  const AnswerSummary got = chat(
      R"({"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":7,"audio_tokens":6}})");
  ASSERT_TRUE(got.usage);
  EXPECT_EQ((*got.usage)[TokenClass::input], 0);
  EXPECT_EQ((*got.usage)[TokenClass::cached_input], 4);
  EXPECT_EQ((*got.usage)[TokenClass::input_audio], 3);
  EXPECT_EQ((*got.usage)[TokenClass::cached_input_audio], 3);
}

class OddMessagesUsage : public testing::TestWithParam<Odd> {};
TEST_P(OddMessagesUsage, IsTakenOrSuspicious) {
  const AnswerSummary got = messages(GetParam().usage);
  EXPECT_NE(got.suspicious.find(GetParam().suspicious), std::string::npos) << got.suspicious;
  EXPECT_EQ(got.suspicious.empty(), std::string(GetParam().suspicious).empty());
  ASSERT_EQ(got.usage.has_value(), got.suspicious.empty());
  if (!got.usage) return;
  EXPECT_EQ((*got.usage)[TokenClass::input], GetParam().input);
  EXPECT_EQ((*got.usage)[TokenClass::cached_input], GetParam().cached);
  EXPECT_EQ((*got.usage)[TokenClass::output], GetParam().output);
}

INSTANTIATE_TEST_SUITE_P(
    All, OddMessagesUsage,
    testing::Values(
        Odd{"plain", R"({"input_tokens":3,"output_tokens":4})", "", 3, 0, 4},
        Odd{"negative", R"({"input_tokens":-3,"output_tokens":4})", "input_tokens"},
        Odd{"text", R"({"input_tokens":3,"output_tokens":"4"})", "output_tokens"},
        Odd{"missing_input", R"({"output_tokens":4})", "input_tokens is missing"},
        Odd{"zeros", R"({"input_tokens":0,"output_tokens":0})", "no token"},
        Odd{"null_cache", R"({"input_tokens":3,"cache_read_input_tokens":null,"output_tokens":4})",
            "", 3, 0, 4},
        Odd{"split_above_total",
            R"({"input_tokens":3,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":6,"ephemeral_1h_input_tokens":0},"output_tokens":4})",
            "larger than the whole"},
        Odd{"other_server_tool",
            R"({"input_tokens":3,"output_tokens":4,"server_tool_use":{"code_execution_requests":1}})",
            "no price"},
        Odd{"fetches_are_free",
            R"({"input_tokens":3,"output_tokens":4,"server_tool_use":{"web_fetch_requests":9}})",
            "", 3, 0, 4},
        Odd{"adviser",
            R"({"input_tokens":3,"output_tokens":4,"iterations":[{"type":"advisor_message","model":"x","input_tokens":5,"output_tokens":1}]})",
            "no price"},
        Odd{"fallback",
            R"({"input_tokens":3,"output_tokens":4,"iterations":[{"type":"fallback_message","model":"x","input_tokens":5,"output_tokens":1}]})",
            "no price"}),
    [](const testing::TestParamInfo<Odd>& one) { return one.param.name; });

TEST(AnswerUsage, OfCacheWritesWithoutASplitIsForFiveMinutes) {
  const AnswerSummary got =
      messages(R"({"input_tokens":3,"cache_creation_input_tokens":50,"output_tokens":4})");
  ASSERT_TRUE(got.usage);
  EXPECT_EQ((*got.usage)[TokenClass::cache_write_5m], 50);
  EXPECT_EQ((*got.usage)[TokenClass::cache_write_1h], 0);
}

TEST(AnswerUsage, OfCacheWritesThatTheSplitLeavesOutIsTheDearerKind) {
  const AnswerSummary got = messages(
      R"({"input_tokens":3,"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":4})");
  ASSERT_TRUE(got.usage);
  EXPECT_EQ((*got.usage)[TokenClass::cache_write_5m], 10);
  EXPECT_EQ((*got.usage)[TokenClass::cache_write_1h], 40);
}

TEST(AnswerUsage, OfWhatPicksADearerPriceSaysSo) {
  const auto tier = [](const char* member) {
    const AnswerSummary got =
        messages(std::string(R"({"input_tokens":3,"output_tokens":4,)") + member + "}");
    return got.usage ? got.usage->service_tier : "none";
  };
  EXPECT_EQ(tier(R"("service_tier":"standard")"), "");
  EXPECT_EQ(tier(R"("service_tier":"batch")"), "batch");
  EXPECT_EQ(tier(R"("speed":"standard","inference_geo":"global")"), "");
  EXPECT_EQ(tier(R"("speed":"fast","service_tier":"standard")"), "speed=fast");
  EXPECT_EQ(tier(R"("inference_geo":"us")"), "inference_geo=us");
}

TEST(AnswerUsage, OfAStreamThatTakesTokensBackIsSuspicious) {
  const std::string head = "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[],\"usage\":";
  const std::string more = R"({"prompt_tokens":9,"completion_tokens":5}})";
  const std::string less = R"({"prompt_tokens":9,"completion_tokens":4}})";
  const std::string zeros = R"({"prompt_tokens":0,"completion_tokens":0}})";
  const auto read = [&](const std::string& first, const std::string& second) {
    return meter(Format::openai_chat, false, {head + first + "\n\n" + head + second + "\n\n"})
        .summary;
  };
  EXPECT_FALSE(read(more, less).usage);
  EXPECT_NE(read(more, less).suspicious, "");
  EXPECT_EQ((*read(less, more).usage)[TokenClass::output], 5);
  // Placeholders of nothing but zeros say nothing, before or after.
  EXPECT_EQ((*read(zeros, more).usage)[TokenClass::output], 5);
  EXPECT_EQ(read(zeros, more).suspicious, "");
  EXPECT_EQ((*read(more, zeros).usage)[TokenClass::output], 5);
  EXPECT_NE(read(zeros, zeros).suspicious, "");
}

TEST(AnswerUsage, OfAMessageStreamThatTakesTokensBackIsSuspicious) {
  const auto read = [](const std::string& delta_usage) {
    return meter(
               Format::anthropic_messages, false,
               {"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\","
                "\"model\":\"m\",\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":5,"
                "\"output_tokens\":2}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\","
                "\"usage\":" +
                delta_usage + "}\n\n"})
        .summary;
  };
  EXPECT_FALSE(read(R"({"input_tokens":9,"output_tokens":3})").usage);
  EXPECT_FALSE(read(R"({"output_tokens":1})").usage);
  const AnswerSummary zeros = read(R"({"input_tokens":0,"output_tokens":3})");
  ASSERT_TRUE(zeros.usage);
  EXPECT_EQ((*zeros.usage)[TokenClass::input], 10);
  // The same tokens, found in the cache after all.
  const AnswerSummary moved =
      read(R"({"input_tokens":1,"cache_read_input_tokens":14,"output_tokens":3})");
  ASSERT_TRUE(moved.usage);
  EXPECT_EQ((*moved.usage)[TokenClass::input], 1);
  EXPECT_EQ((*moved.usage)[TokenClass::cached_input], 14);
}

TEST(AnswerUsage, OfACutStreamIsFinalOnlyWhereNothingCanFollow) {
  const auto cut_before = [](Format format, const char* file, const char* mark) {
    const std::string stream = answer_fixture(file);
    return meter(format, false, {stream.substr(0, stream.rfind(mark))}).summary;
  };
  const AnswerSummary no_done = cut_before(Format::openai_chat, "chat_openai.sse", "data: [DONE]");
  EXPECT_TRUE(no_done.usage_is_final);
  EXPECT_FALSE(no_done.complete);
  const AnswerSummary running =
      cut_before(Format::openai_chat, "chat_vllm_continuous.sse",
                 "data: {\"id\":\"chatcmpl-v\","
                 "\"object\":\"chat.completion.chunk\",\"created\":1763900004,\"model\":"
                 "\"Qwen/Qwen3-8B\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" two");
  ASSERT_TRUE(running.usage);
  EXPECT_EQ((*running.usage)[TokenClass::output], 1);
  EXPECT_FALSE(running.usage_is_final);
  const AnswerSummary started =
      cut_before(Format::anthropic_messages, "messages.sse", "event: message_delta");
  ASSERT_TRUE(started.usage);
  EXPECT_FALSE(started.usage_is_final);
  EXPECT_TRUE(
      cut_before(Format::anthropic_messages, "messages.sse", "event: message_stop").usage_is_final);
}

TEST(AnswerUsage, OfNoJsonOrNoUsageIsAbsent) {
  for (const Format format :
       {Format::openai_chat, Format::openai_responses, Format::openai_embeddings,
        Format::anthropic_messages, Format::anthropic_count_tokens}) {
    for (const char* body : {"", "<html>", "[]", "{\"id\":", "null"}) {
      const AnswerSummary got = read_answer(format, body);
      EXPECT_FALSE(got.usage) << body;
      EXPECT_FALSE(got.complete);
      EXPECT_NE(got.suspicious, "");
    }
  }
  EXPECT_FALSE(read_answer(Format::openai_chat, R"({"choices":[]})").usage);
  EXPECT_FALSE(read_answer(Format::openai_chat, R"({"choices":[],"usage":null})").usage);
  EXPECT_FALSE(read_answer(Format::openai_chat, R"({"choices":[],"usage":[]})").usage);
  EXPECT_FALSE(read_answer(Format::anthropic_messages, R"({"content":[]})").usage);
}

TEST(AnswerUsage, OfAnErrorWithStatus200IsAFailure) {
  const AnswerSummary chat_error =
      read_answer(Format::openai_chat, R"({"error":{"code":502,"message":"x"}})");
  EXPECT_TRUE(chat_error.provider_failed);
  EXPECT_FALSE(chat_error.any_output);
  EXPECT_FALSE(chat_error.error_body.empty());
  EXPECT_TRUE(read_answer(Format::anthropic_messages,
                          R"({"type":"error","error":{"type":"api_error","message":"x"}})")
                  .provider_failed);
  const AnswerSummary failed = read_answer(
      Format::openai_responses,
      R"({"id":"r","status":"failed","error":{"code":"server_error","message":"x"},"output":[],"usage":null})");
  EXPECT_TRUE(failed.provider_failed);
  EXPECT_TRUE(failed.complete);
  EXPECT_FALSE(
      read_answer(Format::openai_responses, R"({"id":"r","status":"in_progress"})").complete);
}

TEST(CountedTokens, AreReadAndNothingElseIs) {
  EXPECT_EQ(read_counted_tokens(Format::anthropic_messages, R"({"input_tokens":14})"), 14);
  EXPECT_EQ(read_counted_tokens(Format::openai_responses,
                                R"({"object":"response.input_tokens","input_tokens":11})"),
            11);
  for (const char* body :
       {"", "{}", R"({"input_tokens":-1})", R"({"input_tokens":"3"})", R"({"input_tokens":null})",
        R"({"input_tokens":1,"input_tokens":2})", R"({"error":{"message":"x"}})"}) {
    EXPECT_FALSE(read_counted_tokens(Format::anthropic_messages, body)) << body;
  }
}

// One reader takes the first of two equal keys, another the last: neither is what was billed.
TEST(AnswerUsage, ThatStandsTwiceIsNotBelieved) {
  const std::string small = R"("usage":{"prompt_tokens":1,"completion_tokens":1},)";
  const std::string chat_answer = answer_fixture("chat.json");
  const std::string responses = answer_fixture("responses.json");
  const std::string embeddings = answer_fixture("embeddings.json");
  const auto with = [](const std::string& json, const std::string& member) {
    return "{" + member + json.substr(json.find('{') + 1);
  };
  const std::vector<std::pair<Format, std::string>> answers{
      {Format::openai_chat, with(chat_answer, small)},
      {Format::openai_chat, with(chat_answer, R"("service_tier":"flex",)")},
      {Format::openai_embeddings, with(embeddings, small)},
      {Format::openai_responses,
       with(responses, R"("usage":{"input_tokens":1,"output_tokens":1},)")},
      {Format::anthropic_messages,
       R"({"type":"message","content":[],"usage":{"input_tokens":9,"output_tokens":9},)"
       R"("usage":{"input_tokens":1,"output_tokens":1}})"},
  };
  for (const auto& [format, json] : answers) {
    const AnswerSummary got = read_answer(format, json);
    EXPECT_FALSE(got.usage) << json;
    EXPECT_NE(got.suspicious.find("twice"), std::string::npos) << got.suspicious;
  }
  for (const AnswerSummary& got :
       {chat(R"({"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{},)"
             R"("prompt_tokens_details":{"cached_tokens":9}})"),
        messages(R"({"input_tokens":9,"output_tokens":1,"cache_creation":{},)"
                 R"("cache_creation":{"ephemeral_1h_input_tokens":0}})")}) {
    EXPECT_FALSE(got.usage);
    EXPECT_NE(got.suspicious.find("twice"), std::string::npos) << got.suspicious;
  }
}

// What message_start says of output is what stood there when it began: the whole simulation found
// it booked as if it were the bill.
TEST(AnswerUsage, OfAMessagesStreamWithoutItsFinalUsageIsNotBelieved) {
  StreamMeter meter(Format::anthropic_messages, false);
  std::string relay;
  const auto feed = [&](const std::string& type, const std::string& more) {
    meter.feed("event: " + type + "\ndata: {\"type\":\"" + type + "\"" + more + "}\n\n", relay);
  };
  feed("message_start", R"(,"message":{"id":"m","usage":{"input_tokens":9,"output_tokens":1}})");
  feed("message_delta", R"(,"delta":{"stop_reason":"end_turn"})");
  feed("message_stop", "");
  EXPECT_TRUE(meter.summary().complete);
  EXPECT_FALSE(meter.summary().usage);
  EXPECT_FALSE(meter.summary().usage_is_final);
  EXPECT_NE(meter.summary().suspicious, "");
}

}  // namespace
}  // namespace purser::providers
