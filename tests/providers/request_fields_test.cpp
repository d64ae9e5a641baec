// The tables of fields: each row by what it does.
#include <gmock/gmock.h>

#include "request_tables.h"
#include "request_test_support.h"

namespace purser::providers {
namespace {

using testing::HasSubstr;

constexpr Format kFormats[] = {Format::openai_chat, Format::openai_responses,
                               Format::openai_embeddings, Format::anthropic_messages};

TEST(RequestFields, EveryRefusedFieldIsRefusedUnlessItSaysNothing) {
  int rows = 0;
  for (const Format format : kFormats) {
    for (const Field& field : fields_of(format)) {
      if (field.use != FieldUse::refused) continue;
      ++rows;
      EXPECT_FALSE(field.reason.empty()) << field.name;
      const std::string name = std::string(field.name);
      for (const char* nothing : {"null", "false", "\"\"", "[]"}) {
        const auto shape =
            read(format, own_dialect(format), with_members(format, ",\"" + name + "\":" + nothing));
        EXPECT_EQ(code_of(shape), "") << name << nothing;
      }
      for (const char* something : {"true", "\"x\"", "[0]", "{}", R"({"a":null})", "0", "1"}) {
        const auto shape = read(format, own_dialect(format),
                                with_members(format, ",\"" + name + "\":" + something));
        EXPECT_EQ(code_of(shape), "refused_field") << name << something;
        EXPECT_THAT(message_of(shape), HasSubstr("\"" + name + "\""));
        EXPECT_THAT(message_of(shape), HasSubstr(std::string(field.reason)));
      }
    }
  }
  EXPECT_GT(rows, 25);
}

TEST(RequestFields, EveryLimitedFieldAdmitsItsValuesOnly) {
  int rows = 0;
  for (const Format format : kFormats) {
    for (const Field& field : fields_of(format)) {
      if (field.use != FieldUse::limited) continue;
      ++rows;
      const std::string name = std::string(field.name);
      const auto code = [&](const std::string& value) {
        return code_of(
            read(format, own_dialect(format), with_members(format, ",\"" + name + "\":" + value)));
      };
      std::string_view allowed = field.allowed;
      while (!allowed.empty()) {
        const std::string_view one = allowed.substr(0, allowed.find('|'));
        EXPECT_EQ(code("\"" + std::string(one) + "\""), "") << name << one;
        EXPECT_EQ(code("[\"" + std::string(one) + "\"]"), "") << name << one;
        allowed.remove_prefix(std::min(allowed.size(), one.size() + 1));
      }
      EXPECT_EQ(code("null"), "");
      for (const char* other : {"\"other\"", "1", "true", "{}", R"(["other"])"})
        EXPECT_EQ(code(other), "refused_field") << name << other;
    }
  }
  EXPECT_GE(rows, 7);
}

TEST(RequestFields, EveryOtherFieldPassesAndStays) {
  for (const Format format : kFormats) {
    for (const Field& field : fields_of(format)) {
      if (field.use != FieldUse::passes && field.use != FieldUse::prompt) continue;
      const std::string member = "\"" + std::string(field.name) + "\":{ \"a\" : [1 , 2.50] }";
      const std::string body = with_members(format, "," + member);
      const auto shape = read(format, own_dialect(format), body);
      ASSERT_TRUE(shape) << field.name << message_of(shape);
      EXPECT_THAT(written(shape, body, 5), HasSubstr(member));
    }
    const std::string unknown = with_members(format, R"(,"some_new_field":{"x":[1]})");
    const auto shape = read(format, own_dialect(format), unknown);
    ASSERT_TRUE(shape);
    EXPECT_THAT(written(shape, unknown, 5), HasSubstr(R"("some_new_field":{"x":[1]})"));
  }
}

// What no table names is counted as if the model read it.
TEST(RequestFields, AnUnknownFieldCountsAsInput) {
  const auto without = read_chat(chat(""));
  const auto with = read_chat(chat(",\"new_field\":\"" + std::string(1000, 'x') + "\""));
  const auto passes = read_chat(chat(",\"stop\":\"" + std::string(1000, 'x') + "\""));
  EXPECT_GE(with->input_tokens, without->input_tokens + 1000);
  EXPECT_EQ(passes->input_tokens, without->input_tokens);
}

// Go's encoding/json takes a key without regard to case, ſ for s, and K (Kelvin) for k; a reader in
// C stops at NUL.
TEST(RequestFields, AKeyThatALenientReaderWouldTakeForOursIsRefused) {
  for (const char* key :
       {"Model", "MAX_TOKENS", "Max_Completion_Tokens", "Stream", "N", "ſervice_tier", "max_toKenſ",
        "\\u212a\\u0000", "n\\u0000", "max_tokens\\u0000x", "Prediction", "Tools", "STREAM_OPTIONS",
        "\\u004dodel"}) {
    const std::string body = chat(",\"" + std::string(key) + "\":1");
    const bool ours = std::string_view(key) != "\\u212a\\u0000";
    EXPECT_EQ(code_of(read_chat(body)), ours ? "bad_field" : "") << key;
  }
  EXPECT_EQ(code_of(read_chat(chat(R"(,"stream":true,"stream_options":{"Include_usage":false})"))),
            "bad_field");
  EXPECT_EQ(code_of(read_chat(chat("", R"([{"role":"user","Content":[{"type":"image_url"}]}])"))),
            "bad_field");
  EXPECT_EQ(code_of(read_chat(
                chat("", R"([{"content":[{"type":"text","Type":"image_url","text":"x"}]}])"))),
            "bad_field");
  EXPECT_EQ(code_of(read_messages(messages(
                R"(,"tools":[{"type":"web_search_20250305","name":"web_search","MAX_USES":99}])"))),
            "bad_field");
  EXPECT_EQ(code_of(read_messages(
                messages(R"(,"tools":[{"Type":"code_execution_20250522","name":"x"}])"))),
            "bad_field");
}

struct Number {
  const char* token;
  std::int64_t value;  // 0: refused
};

TEST(RequestFields, ReadsNumbersAsAProviderWould) {
  constexpr std::int64_t kMost = 2'147'483'647;
  const Number numbers[] = {
      {"1", 1},
      {"100", 100},
      {"100.0", 100},
      {"1e3", 1000},
      {"1E+3", 1000},
      {"1.5e3", 1500},
      {"120000e-2", 1200},
      {"0.001e6", 1000},
      {"2147483647", kMost},
      {"2.147483647e9", kMost},
      {"2147483648", 0},
      {"1e18", 0},
      {"1e99", 0},
      {"1e308", 0},
      {"0e999", 0},
      {"1e-1", 0},
      {"0", 0},
      {"-0", 0},
      {"-0.0", 0},
      {"0.0", 0},
      {"-1", 0},
      {"-1e3", 0},
      {"1.5", 0},
      {"0.99999999999999999999", 0},
      {"1.00000000000000000001", 0},
      {"18446744073709551615", 0},
      {"\"100\"", 0},
      {"true", 0},
      {"[100]", 0},
      {"{}", 0},
  };
  for (const Number& number : numbers) {
    const std::string token = number.token;
    const auto chat_shape = read_chat(chat(",\"max_tokens\":" + token));
    const auto responses_shape = read_responses(responses(",\"max_output_tokens\":" + token));
    const auto messages_shape = read_messages(
        R"({"model":"c","messages":[{"role":"user","content":"a"}],"max_tokens":)" + token + "}");
    for (const auto* shape : {&chat_shape, &responses_shape, &messages_shape}) {
      if (number.value == 0) {
        EXPECT_EQ(code_of(*shape), "bad_field") << token;
      } else {
        ASSERT_TRUE(*shape) << token << message_of(*shape);
        EXPECT_EQ((*shape)->output_limit_tokens, number.value) << token;
      }
    }
  }
}

TEST(RequestFields, RefusesWrongTypesOfWhatItReads) {
  for (const char* members :
       {R"(,"stream":"true")", R"(,"stream":1)", R"(,"stream":[])", R"(,"n":"2")", R"(,"n":0)",
        R"(,"n":129)", R"(,"n":1.5)", R"(,"n":[1])", R"(,"n":-1)", R"(,"max_tokens":{})",
        R"(,"stream":true,"stream_options":true)", R"(,"stream":true,"stream_options":[])",
        R"(,"stream":true,"stream_options":{"include_usage":"false"})",
        R"(,"stream":true,"stream_options":{"include_usage":0})", R"(,"service_tier":["auto"])",
        R"(,"tools":{})", R"(,"tools":"function")", R"(,"prompt_cache_options":1)"}) {
    EXPECT_EQ(code_of(read_chat(chat(members))), "bad_field") << members;
  }
  for (const char* body :
       {R"({"messages":[{}]})", R"({"model":null,"messages":[{}]})",
        R"({"model":7,"messages":[{}]})", R"({"model":"","messages":[{}]})",
        R"({"model":"a b","messages":[{}]})", R"({"model":"a\u0000","messages":[{}]})",
        R"({"model":["a"],"messages":[{}]})", R"({"model":"a"})",
        R"({"model":"a","messages":null})", R"({"model":"a","messages":[]})",
        R"({"model":"a","messages":"x"})", R"({"model":"a","messages":{}})",
        R"({"model":"a","messages":["x"]})", R"({"model":"a","messages":[{"content":1}]})",
        R"({"model":"a","messages":[{"content":{}}]})",
        R"({"model":"a","messages":[{"content":[1]}]})"}) {
    EXPECT_EQ(code_of(read_chat(body)), "bad_field") << body;
  }
  EXPECT_EQ(code_of(read_chat(R"({"model":")" + std::string(300, 'a') + R"(","messages":[{}]})")),
            "bad_field");
  for (const char* members :
       {R"(,"max_tool_calls":0)", R"(,"max_tool_calls":"3")", R"(,"max_tool_calls":1001)",
        R"(,"reasoning":"high")", R"(,"previous_response_id":1)", R"(,"prompt":{"version":"1"})",
        R"(,"tools":1)"}) {
    EXPECT_EQ(code_of(read_responses(responses(members))), "bad_field") << members;
  }
  for (const char* members :
       {R"(,"thinking":"on")", R"(,"output_config":[])", R"(,"context_management":[])",
        R"(,"context_management":{"edits":{}})", R"(,"thread":"x")", R"(,"cache_control":true)",
        R"(,"system":{"a":1})", R"(,"tools":{})"}) {
    EXPECT_EQ(code_of(read_messages(messages(members))), "bad_field") << members;
  }
}

TEST(RequestFields, RefusesWhatPicksAnotherPrice) {
  for (const char* members : {R"(,"modalities":["text","audio"])", R"(,"modalities":"audio")",
                              R"(,"moderation":{"model":"gpt-5"})", R"(,"moderation":{})",
                              R"(,"prompt_cache_options":{"ttl":"12h"})"}) {
    EXPECT_EQ(code_of(read_chat(chat(members))), "refused_field") << members;
  }
  for (const char* members : {R"(,"modalities":["text"])", R"(,"modalities":null)",
                              R"(,"moderation":{"model":"omni-moderation-latest"})",
                              R"(,"prompt_cache_options":{"ttl":"30m","mode":"explicit"})"}) {
    EXPECT_EQ(code_of(read_chat(chat(members))), "") << members;
  }
  EXPECT_EQ(code_of(read_responses(responses(R"(,"reasoning":{"mode":"pro"})"))), "refused_field");
  EXPECT_EQ(
      code_of(read_responses(responses(R"(,"reasoning":{"effort":"high","mode":"standard"})"))),
      "");
  EXPECT_EQ(code_of(read_responses(responses(R"(,"conversation":"conv_1")"))), "refused_field");
  EXPECT_EQ(code_of(read_messages(messages(
                R"(,"billing_policy":{"type":"billing_policy","bill_to":"user_profile"})"))),
            "refused_field");
  EXPECT_EQ(code_of(read_messages(
                messages(R"(,"billing_policy":{"type":"billing_policy","bill_to":"self"})"))),
            "");
  for (const char* model : {"gpt-4o-search-preview", "gpt-5-search-api", "openai/gpt-5:online"}) {
    EXPECT_EQ(code_of(read_chat(R"({"model":")" + std::string(model) + R"(","messages":[{}]})",
                                Dialect::compatible)),
              "refused_field")
        << model;
  }
}

TEST(RequestFields, BetasPassAndUnlistedOnesAreNamed) {
  const RequestHeaders headers{
      .anthropic_betas = {"context-1m-2025-08-07", "brand-new-2027-01-01", "fast-mode-2026-02-01"}};
  const auto shape =
      read_request(Format::anthropic_messages, Dialect::anthropic, messages(""), headers);
  ASSERT_TRUE(shape);
  EXPECT_THAT(shape->unlisted_betas, testing::ElementsAre("brand-new-2027-01-01"));
  // The header alone asks for nothing; the field does.
  EXPECT_EQ(code_of(read_messages(messages(R"(,"speed":"fast")"))), "refused_field");
}

TEST(RequestFields, SmallestLimitIsAsDesignHasIt) {
  RequestShape shape;
  EXPECT_EQ(smallest_output_limit_tokens(shape, 64'000), 1'024);
  EXPECT_EQ(smallest_output_limit_tokens(shape, 100), 100);
  shape.has_schema = true;
  EXPECT_EQ(smallest_output_limit_tokens(shape, 64'000), 4'096);
  EXPECT_EQ(smallest_output_limit_tokens(shape, 2'000), 2'000);
  shape.thinking_budget_tokens = 10'000;
  EXPECT_EQ(smallest_output_limit_tokens(shape, 64'000), 11'024);
  EXPECT_EQ(smallest_output_limit_tokens(shape, 10'500), 10'500);
  shape.thinking_budget_tokens = 1'024;
  EXPECT_EQ(smallest_output_limit_tokens(shape, 64'000), 4'096);
  shape.has_schema = false;
  EXPECT_EQ(smallest_output_limit_tokens(shape, 64'000), 2'048);
}

}  // namespace
}  // namespace purser::providers
