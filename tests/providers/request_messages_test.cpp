#include "request_test_support.h"

namespace purser::providers {
namespace {

TEST(MessagesRequest, ReadsWhatItCosts) {
  const auto shape = read_messages(
      R"({"model":"claude-x","max_tokens":64000,"stream":true,"thinking":{"type":"enabled","budget_tokens":10000},)"
      R"("metadata":{"user_id":"{\"device\":1}"},"messages":[{"role":"user","content":"Hi"}]})");
  ASSERT_TRUE(shape) << message_of(shape);
  EXPECT_EQ(shape->model, "claude-x");
  EXPECT_EQ(shape->output_limit_tokens, 64'000);
  EXPECT_EQ(shape->thinking_budget_tokens, 10'000);
  EXPECT_EQ(shape->end_user, R"({"device":1})");
  EXPECT_TRUE(shape->stream);
  EXPECT_FALSE(shape->may_write_cache_5m);
}

TEST(MessagesRequest, WritesLimitAndTier) {
  const std::string body = messages("");
  EXPECT_EQ(
      written(read_messages(body), body, 50),
      R"({"service_tier":"standard_only","model":"claude-x","max_tokens":50,"messages":[{"role":"user","content":"Hi"}]})");
}

TEST(MessagesRequest, RequiresALimitAsAnthropicDoes) {
  EXPECT_EQ(
      code_of(read_messages(R"({"model":"claude-x","messages":[{"role":"user","content":"Hi"}]})")),
      "bad_field");
  EXPECT_EQ(
      code_of(read_messages(
          R"({"model":"claude-x","max_tokens":null,"messages":[{"role":"user","content":"Hi"}]})")),
      "bad_field");
}

TEST(MessagesRequest, BuysTheStandardTier) {
  for (const char* given : {"auto", "standard_only"}) {
    const std::string body = messages(R"(,"service_tier":")" + std::string(given) + "\"");
    EXPECT_NE(written(read_messages(body), body, 5).find(R"("service_tier":"standard_only")"),
              std::string::npos);
  }
  EXPECT_EQ(code_of(read_messages(messages(R"(,"service_tier":"priority")"))), "refused_field");
}

TEST(MessagesRequest, AdmitsEveryWayToThink) {
  for (const char* thinking :
       {R"({"type":"adaptive"})", R"({"type":"disabled"})", R"({"type":"between_tools"})",
        R"({"type":"adaptive","display":"omitted"})", "null"}) {
    const auto shape = read_messages(messages(",\"thinking\":" + std::string(thinking)));
    ASSERT_TRUE(shape) << thinking << message_of(shape);
    EXPECT_FALSE(shape->thinking_budget_tokens.has_value());
  }
  EXPECT_EQ(
      code_of(read_messages(messages(R"(,"thinking":{"type":"enabled","budget_tokens":-1})"))),
      "bad_field");
  EXPECT_EQ(
      code_of(read_messages(messages(R"(,"thinking":{"type":"enabled","Budget_tokens":9000})"))),
      "bad_field");
}

TEST(MessagesRequest, SeesCacheMarkersWhereverTheyAre) {
  struct Row {
    std::string body;
    bool five, hour;
  };
  const std::string five = R"("cache_control":{"type":"ephemeral"})";
  const std::string hour = R"("cache_control":{"type":"ephemeral","ttl":"1h"})";
  const auto block = [](const std::string& mark) {
    return R"([{"role":"user","content":[{"type":"text","text":"Hi",)" + mark + "}]}]";
  };
  const Row rows[] = {
      {messages("," + five), true, false},
      {messages("," + hour), false, true},
      {messages(R"(,"cache_control":null)"), false, false},
      {messages("", block(five)), true, false},
      {messages("", block(hour)), false, true},
      {messages(R"(,"system":[{"type":"text","text":"S",)" + hour + "}]", block(five)), true, true},
      {messages(R"(,"tools":[{"name":"t","input_schema":{},)" + hour + "}]"), false, true},
      {messages("", R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"a",)"
                    R"("content":[{"type":"text","text":"x",)" +
                        hour + "}]}]}]"),
       false, true},
      // A property of a tool's schema is no marker.
      {messages(R"(,"tools":[{"name":"t","input_schema":{"properties":{)" + hour + "}}}]"), false,
       false},
  };
  for (const Row& row : rows) {
    const auto shape = read_messages(row.body);
    ASSERT_TRUE(shape) << message_of(shape) << row.body;
    EXPECT_EQ(shape->may_write_cache_5m, row.five) << row.body;
    EXPECT_EQ(shape->may_write_cache_1h, row.hour) << row.body;
  }
  EXPECT_EQ(
      code_of(read_messages(messages(R"(,"cache_control":{"type":"ephemeral","ttl":"24h"})"))),
      "refused_field");
}

TEST(MessagesRequest, AdmitsEditsThatOnlyClear) {
  EXPECT_TRUE(read_messages(messages(
      R"(,"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]})")));
  EXPECT_TRUE(read_messages(
      messages(R"(,"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]})")));
  EXPECT_EQ(code_of(read_messages(
                messages(R"(,"context_management":{"edits":[{"type":"compact_20260112"}]})"))),
            "refused_field");
}

TEST(MessagesRequest, ASchemaIsSeen) {
  EXPECT_TRUE(read_messages(
                  messages(R"(,"output_config":{"effort":"high","format":{"type":"json_schema"}})"))
                  ->has_schema);
  EXPECT_TRUE(read_messages(messages(R"(,"output_format":{"type":"json_schema"})"))->has_schema);
  EXPECT_FALSE(read_messages(messages(R"(,"output_config":{"effort":"high"})"))->has_schema);
}

TEST(MessagesRequest, CountingPassesAsItIs) {
  const std::string body =
      R"({"model":"a/claude-x","messages":[],"tools":[{"type":"code_execution_20250522"}]})";
  const auto shape = read(Format::anthropic_count_tokens, Dialect::anthropic, body);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->input_tokens, 0);
  EXPECT_EQ(write_request(*shape, body, {}, "a/claude-x"), body);
  EXPECT_TRUE(write_request(*shape, body, {}, "claude-x").starts_with(R"({"model":"claude-x",)"));
}

}  // namespace
}  // namespace purser::providers
