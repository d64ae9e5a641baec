// Requests in the shape in which real clients were seen to send them (fixtures/requests).
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "request_test_support.h"

namespace purser::providers {
namespace {

std::string fixture(const std::string& name) {
  std::ifstream file(std::string(PURSER_SOURCE_DIR) + "/tests/providers/fixtures/requests/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

// The body with one piece in another's place; the piece stands there exactly once.
std::string with(std::string body, const std::string& from, const std::string& to) {
  const std::size_t at = body.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  EXPECT_EQ(body.find(from, at + 1), std::string::npos) << from;
  return body.replace(at, from.size(), to);
}

TEST(RequestOfClaudeCode, IsReadAndOnlyOurFieldsChange) {
  const std::string body = fixture("claude_code.json");
  const RequestHeaders headers{.anthropic_betas = {"claude-code-20250219",
                                                   "interleaved-thinking-2025-05-14",
                                                   "context-management-2025-06-27"}};
  const auto shape = read_request(Format::anthropic_messages, Dialect::anthropic, body, headers);
  ASSERT_TRUE(shape) << message_of(shape);
  EXPECT_EQ(shape->output_limit_tokens, 64'000);
  EXPECT_TRUE(shape->stream);
  EXPECT_TRUE(shape->may_write_cache_5m);
  EXPECT_FALSE(shape->may_write_cache_1h);
  EXPECT_FALSE(shape->reads_unseen);
  EXPECT_FALSE(shape->has_schema);
  EXPECT_FALSE(shape->thinking_budget_tokens.has_value());
  EXPECT_EQ(shape->prefixes.size(), 3u);
  EXPECT_THAT(shape->end_user, testing::HasSubstr("session_id"));
  EXPECT_TRUE(shape->unlisted_betas.empty());
  EXPECT_EQ(smallest_output_limit_tokens(*shape, 64'000), 1'024);

  std::string expected = with(body, "\"max_tokens\":64000", "\"max_tokens\":1200");
  expected.insert(1, "\"service_tier\":\"standard_only\",");
  EXPECT_EQ(write_request(*shape, body, {.output_limit_tokens = 1'200}, "claude-opus-4-8"),
            expected);
  EXPECT_EQ(write_request(*shape, body, {.output_limit_tokens = 1'200}, "other"),
            with(expected, "\"claude-opus-4-8\"", "\"other\""));
}

TEST(RequestOfCodex, IsReadAndOnlyOurFieldsChange) {
  const std::string body = fixture("codex.json");
  const auto shape = read_responses(body);
  ASSERT_TRUE(shape) << message_of(shape);
  EXPECT_FALSE(shape->output_limit_tokens.has_value());
  EXPECT_TRUE(shape->has_web_search);
  EXPECT_EQ(shape->web_search_calls, 5);
  EXPECT_FALSE(shape->requires_web_search);
  EXPECT_FALSE(shape->reads_unseen);
  EXPECT_EQ(shape->prefixes.size(), 4u);

  std::string with_search = body;
  with_search.insert(
      1, "\"max_output_tokens\":900,\"service_tier\":\"default\",\"max_tool_calls\":2,");
  EXPECT_EQ(write_request(*shape, body, {.output_limit_tokens = 900, .web_search_calls = 2},
                          "gpt-5-codex"),
            with_search);
  std::string without = with(body, ",{\"type\":\"web_search\",\"external_web_access\":false}", "");
  without.insert(1, "\"max_output_tokens\":900,\"service_tier\":\"default\",");
  EXPECT_EQ(write_request(*shape, body, {.output_limit_tokens = 900}, "gpt-5-codex"), without);
}

TEST(RequestOfClaudeCode, IsCountedByTheProviderInAllThatTheModelReads) {
  const std::string body = fixture("claude_code.json");
  const auto shape = read_messages(body);
  const std::string count = write_count_request(*shape, body, "claude-opus-4-8");
  for (const char* kept : {"\"messages\":[", "\"system\":[", "\"tools\":[", "\"thinking\":{",
                           "\"output_config\":{", "\"context_management\":{"})
    EXPECT_THAT(count, testing::HasSubstr(kept));
  for (const char* gone : {"\"max_tokens\"", "\"stream\"", "\"metadata\""})
    EXPECT_THAT(count, testing::Not(testing::HasSubstr(gone)));
  EXPECT_TRUE(read(Format::anthropic_count_tokens, Dialect::anthropic, count));
}

TEST(RequestOfCodex, IsCountedByTheProviderInAllThatTheModelReads) {
  const std::string body = fixture("codex.json");
  const auto shape = read_responses(body);
  const std::string count = write_count_request(*shape, body, "m");
  EXPECT_TRUE(count.starts_with(R"({"model":"m","instructions":)"));
  for (const char* kept : {"\"input\":[", "\"tools\":[", "\"reasoning\":{", "\"text\":{"})
    EXPECT_THAT(count, testing::HasSubstr(kept));
  for (const char* gone : {"\"store\"", "\"stream\"", "\"include\"", "\"client_metadata\""})
    EXPECT_THAT(count, testing::Not(testing::HasSubstr(gone)));
  EXPECT_TRUE(read_responses(count));
}

TEST(CountRequest, IsEmptyWhereNothingCounts) {
  const std::string body = chat("");
  EXPECT_EQ(write_count_request(*read_chat(body), body, "m"), "");
  const std::string schema = messages(R"(,"output_format":{"type":"json_schema"})");
  EXPECT_EQ(write_count_request(*read_messages(schema), schema, "m"), "");
}

}  // namespace
}  // namespace purser::providers
