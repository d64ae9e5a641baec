#include "request_test_support.h"

namespace purser::providers {
namespace {

TEST(ChatRequest, ReadsWhatItCosts) {
  const auto shape =
      read_chat(R"({"model":"gpt-5","stream":true,"n":3,"max_completion_tokens":700,"user":"ann",)"
                R"("metadata":{"k":"v"},"stream_options":{"include_usage":true},)"
                R"("messages":[{"role":"user","content":"Hi"}]})");
  ASSERT_TRUE(shape) << message_of(shape);
  EXPECT_EQ(shape->model, "gpt-5");
  EXPECT_TRUE(shape->stream);
  EXPECT_TRUE(shape->client_asked_usage);
  EXPECT_EQ(shape->choices, 3);
  EXPECT_EQ(shape->output_limit_tokens, 700);
  EXPECT_EQ(shape->end_user, "ann");
  EXPECT_EQ(shape->metadata_json, R"({"k":"v"})");
  EXPECT_FALSE(shape->reads_unseen);
  EXPECT_FALSE(shape->has_web_search);
}

TEST(ChatRequest, WritesTheLimitIntoTheFieldThatTheClientUsed) {
  const std::string completion = chat(R"(,"max_completion_tokens":700)");
  EXPECT_EQ(
      written(read_chat(completion), completion, 50),
      R"({"service_tier":"default","model":"gpt-5","messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":50})");
  const std::string plain = chat(R"(,"max_tokens":700)");
  EXPECT_EQ(
      written(read_chat(plain), plain, 50),
      R"({"service_tier":"default","model":"gpt-5","messages":[{"role":"user","content":"Hi"}],"max_tokens":50})");
}

TEST(ChatRequest, TheSmallerOfTwoLimitsCountsAndBothAreWritten) {
  const std::string body = chat(R"(,"max_tokens":700,"max_completion_tokens":300)");
  const auto shape = read_chat(body);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->output_limit_tokens, 300);
  EXPECT_EQ(
      written(shape, body, 50),
      R"({"service_tier":"default","model":"gpt-5","messages":[{"role":"user","content":"Hi"}],"max_tokens":50,"max_completion_tokens":50})");
}

TEST(ChatRequest, PutsInTheLimitThatTheDialectKnows) {
  const std::string body = chat("");
  EXPECT_EQ(
      written(read_chat(body), body, 50),
      R"({"max_completion_tokens":50,"service_tier":"default","model":"gpt-5","messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(written(read_chat(body, Dialect::compatible), body, 50),
            R"({"max_tokens":50,"model":"gpt-5","messages":[{"role":"user","content":"Hi"}]})");
}

// Ollama overlooks `max_completion_tokens`.
TEST(ChatRequest, ACompatibleServerGetsMaxTokensInAnyCase) {
  const std::string body = chat(R"(,"max_completion_tokens":700)");
  EXPECT_EQ(
      written(read_chat(body, Dialect::compatible), body, 50),
      R"({"max_tokens":50,"model":"gpt-5","messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":50})");
}

TEST(ChatRequest, ANullLimitIsReplaced) {
  const std::string body = chat(R"(,"max_completion_tokens":null)");
  const auto shape = read_chat(body);
  ASSERT_TRUE(shape);
  EXPECT_FALSE(shape->output_limit_tokens.has_value());
  EXPECT_NE(written(shape, body, 50).find(R"("max_completion_tokens":50)"), std::string::npos);
}

TEST(ChatRequest, WithoutALimitInTheFormTheClientsBytesStay) {
  const std::string body = chat(R"(,"max_tokens": 7e2)");
  EXPECT_EQ(written(read_chat(body, Dialect::compatible), body, std::nullopt), body);
}

TEST(ChatRequest, AsksForUsageInEveryStream) {
  const std::string absent = chat(R"(,"stream":true)");
  const auto shape = read_chat(absent);
  ASSERT_TRUE(shape);
  EXPECT_FALSE(shape->client_asked_usage);
  EXPECT_TRUE(
      written(shape, absent, 5).starts_with(R"({"stream_options":{"include_usage":true},)"));

  struct Row {
    std::string_view given, sent;
    bool asked;
  };
  const Row rows[] = {
      {R"("stream_options":null)", R"("stream_options":{"include_usage":true})", false},
      {R"("stream_options":{})", R"("stream_options":{"include_usage":true})", false},
      {R"("stream_options": { "include_usage" : false })",
       R"("stream_options": { "include_usage" : true })", false},
      {R"("stream_options":{"include_usage":null})", R"("stream_options":{"include_usage":true})",
       false},
      {R"("stream_options":{"include_usage":true})", R"("stream_options":{"include_usage":true})",
       true},
      {R"("stream_options":{"include_obfuscation":false})",
       R"("stream_options":{"include_usage":true,"include_obfuscation":false})", false},
  };
  for (const Row& row : rows) {
    const std::string body = chat(",\"stream\":true," + std::string(row.given));
    const auto read = read_chat(body);
    ASSERT_TRUE(read) << row.given;
    EXPECT_EQ(read->client_asked_usage, row.asked) << row.given;
    const std::string sent = written(read, body, 5);
    EXPECT_NE(sent.find(row.sent), std::string::npos) << sent;
  }
}

TEST(ChatRequest, LeavesStreamOptionsAloneWithoutAStream) {
  const std::string body = chat(R"(,"stream":false,"stream_options":{"include_usage":false})");
  EXPECT_NE(written(read_chat(body), body, 5).find(R"("include_usage":false)"), std::string::npos);
}

TEST(ChatRequest, WritesNAsItWasRead) {
  const std::string body = chat(R"(,"n":2.0)");
  EXPECT_NE(written(read_chat(body), body, 5).find(R"("n":2})"), std::string::npos);
}

TEST(ChatRequest, NamesTheModelForTheUpstream) {
  const std::string body = R"({"model":"openrouter\/openai\/gpt-5", "messages":[{}]})";
  const auto shape = read_chat(body, Dialect::compatible);
  ASSERT_TRUE(shape) << message_of(shape);
  EXPECT_EQ(shape->model, "openrouter/openai/gpt-5");
  EXPECT_EQ(write_request(*shape, body, {}, "openai/gpt-5"),
            R"({"model":"openai/gpt-5", "messages":[{}]})");
  EXPECT_EQ(write_request(*shape, body, {}, shape->model), body);
}

TEST(ChatRequest, BuysTheStandardTier) {
  for (const char* given :
       {R"("service_tier":"auto")", R"("service_tier":"default")", R"("service_tier":null)"}) {
    const std::string body = chat("," + std::string(given));
    EXPECT_NE(written(read_chat(body), body, 5).find(R"("service_tier":"default")"),
              std::string::npos)
        << given;
  }
  for (const char* tier : {"flex", "priority", "scale", "fast", "ultrafast", "Default", ""}) {
    EXPECT_EQ(code_of(read_chat(chat(R"(,"service_tier":")" + std::string(tier) + "\""))),
              "refused_field")
        << tier;
  }
  EXPECT_EQ(code_of(read_chat(chat(R"(,"service_tier":1)"))), "bad_field");
  // A server that speaks the format may not know the field.
  const std::string body = chat("");
  EXPECT_EQ(written(read_chat(body, Dialect::compatible), body, std::nullopt), body);
  EXPECT_EQ(code_of(read_chat(chat(R"(,"service_tier":"flex")"), Dialect::compatible)),
            "refused_field");
}

TEST(ChatRequest, ASchemaIsSeen) {
  EXPECT_TRUE(
      read_chat(chat(R"(,"response_format":{"type":"json_schema","json_schema":{}})"))->has_schema);
  EXPECT_FALSE(read_chat(chat(R"(,"response_format":{"type":"json_object"})"))->has_schema);
}

}  // namespace
}  // namespace purser::providers
