// The sandbox bills what it says it bills, in every format, streamed or whole: our own meters read
// exactly the plan's usage, and our own bound is never below it.
#include "purser/providers/sandbox.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include "purser/providers/answer.h"
#include "purser/providers/request.h"
#include "sse.h"

namespace purser::providers {
namespace {

namespace dom = simdjson::dom;
using pricing::TokenClass;

constexpr Format kChat = Format::openai_chat;
constexpr Format kResponses = Format::openai_responses;
constexpr Format kMessages = Format::anthropic_messages;

constexpr std::string_view kWeatherSchema =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";

struct Ask {
  Format format = kChat;
  bool stream = false;
  std::string text = "Say hello.";
  std::string more;  // further members, each with a comma before it
  bool with_tool = false;
};

std::string tools_of(Format format) {
  const std::string schema(kWeatherSchema);
  if (format == kMessages) return R"([{"name":"get_weather","input_schema":)" + schema + "}]";
  if (format == kResponses) {
    return R"([{"type":"function","name":"get_weather","parameters":)" + schema + "}]";
  }
  return R"([{"type":"function","function":{"name":"get_weather","parameters":)" + schema + "}}]";
}

std::string body_of(const Ask& ask) {
  std::string body = R"({"model":"small")";
  if (ask.stream) body += R"(,"stream":true)";
  if (ask.stream && ask.format == kChat) body += R"(,"stream_options":{"include_usage":true})";
  if (ask.format == kMessages && ask.more.find("max_tokens") == std::string::npos) {
    body += R"(,"max_tokens":1024)";
  }
  const std::string turns = R"([{"role":"user","content":")" + ask.text + R"("}])";
  body += (ask.format == kResponses ? ",\"input\":" : ",\"messages\":") + turns;
  if (ask.with_tool) body += ",\"tools\":" + tools_of(ask.format);
  return body + ask.more + "}";
}

SandboxPlan plan_of(const Ask& ask) {
  return plan_sandbox_answer(ask.format, body_of(ask), {1795392000, 7});
}

std::string stream_of(const SandboxPlan& plan) {
  std::string stream;
  for (const SandboxFrame& frame : plan.frames) stream += frame.text;
  return stream;
}

AnswerSummary metered(const Ask& ask, const SandboxPlan& plan) {
  if (plan.frames.empty()) return read_answer(ask.format, plan.body);
  StreamMeter meter(ask.format, false);
  std::string relay;
  EXPECT_TRUE(meter.feed(stream_of(plan), relay));
  EXPECT_TRUE(meter.between_frames());
  return meter.summary();
}

std::string text_at(const std::string& json, const char* pointer) {
  dom::parser parser;
  std::string_view found;
  EXPECT_EQ(parser.parse(json).at_pointer(pointer).get_string().get(found), simdjson::SUCCESS)
      << pointer << " in " << json;
  return std::string(found);
}

// The events of a stream, with equal ones in a row counted as one.
std::vector<std::string> events_of(const SandboxPlan& plan) {
  std::vector<std::string> events;
  SseSplitter splitter(1 << 20);
  const auto note = [&events](const SseFrame& frame) {
    if (events.empty() || events.back() != frame.event) events.emplace_back(frame.event);
  };
  EXPECT_TRUE(splitter.feed(stream_of(plan), note, [](std::string_view) {}));
  return events;
}

struct Case {
  std::string name;
  Ask ask;
  std::int64_t tool_calls = 0;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Format format : {kChat, kResponses, kMessages}) {
    for (const bool stream : {false, true}) {
      const std::string base = std::string(name(format)) + (stream ? "_stream_" : "_json_");
      all.push_back({base + "text", {format, stream, "Say hello.", "", false}, 0});
      all.push_back({base + "tool", {format, stream, "What is the weather in Oslo?", "", true}, 1});
      const std::string limit = format == kResponses ? R"(,"max_output_tokens":16)"
                                : format == kChat    ? R"(,"max_completion_tokens":16)"
                                                     : R"(,"max_tokens":16)";
      all.push_back({base + "limit", {format, stream, "Say hello.", limit, false}, 0});
      all.push_back({base + "long", {format, stream, "A long answer — bitte ☕.", "", false}, 0});
    }
  }
  all.push_back({"chat_n", {kChat, true, "Hi", R"(,"n":3,"max_tokens":9)", false}, 0});
  all.push_back({"messages_cache",
                 {kMessages, true, "Hi",
                  R"(,"system":[{"type":"text","text":"You are a careful helper of many words.",)"
                  R"("cache_control":{"type":"ephemeral","ttl":"1h"}}])",
                  false},
                 0});
  return all;
}

class SandboxAnswer : public testing::TestWithParam<Case> {};

TEST_P(SandboxAnswer, IsMeteredAsItsPlanSays) {
  const SandboxPlan plan = plan_of(GetParam().ask);
  EXPECT_EQ(plan.status, 200);
  EXPECT_EQ(plan.frames.empty(), !GetParam().ask.stream);
  const AnswerSummary got = metered(GetParam().ask, plan);
  EXPECT_EQ(got.suspicious, "");
  EXPECT_TRUE(got.complete);
  EXPECT_TRUE(got.usage_is_final);
  EXPECT_FALSE(got.provider_failed);
  EXPECT_EQ(got.model, "small");
  EXPECT_FALSE(got.response_id.empty());
  EXPECT_EQ(got.tool_calls, GetParam().tool_calls);
  ASSERT_TRUE(got.usage);
  EXPECT_EQ(*got.usage, plan.usage);
  EXPECT_GT(plan.usage[TokenClass::output], 0);
}

TEST_P(SandboxAnswer, IsWithinOurOwnBound) {
  const Ask& ask = GetParam().ask;
  const Dialect dialect = ask.format == kMessages ? Dialect::anthropic : Dialect::openai;
  const Result<RequestShape> shape = read_request(ask.format, dialect, body_of(ask), {});
  ASSERT_TRUE(shape) << shape.error().message;
  const SandboxPlan plan = plan_of(ask);
  EXPECT_LE(plan.usage.all_input_tokens(), shape->input_tokens);
  if (shape->output_limit_tokens) {
    EXPECT_LE(plan.usage[TokenClass::output], *shape->output_limit_tokens * shape->choices);
  }
  EXPECT_TRUE(plan.usage[TokenClass::cache_write_1h] == 0 || shape->may_write_cache_1h);
}

TEST_P(SandboxAnswer, DependsOnRequestAndMomentAlone) {
  const std::string body = body_of(GetParam().ask);
  const auto text = [&](std::uint64_t salt) {
    const SandboxPlan plan = plan_sandbox_answer(GetParam().ask.format, body, {1795392000, salt});
    return plan.body + stream_of(plan);
  };
  EXPECT_EQ(text(1), text(1));
  EXPECT_NE(text(1), text(2));  // the ids
}

INSTANTIATE_TEST_SUITE_P(All, SandboxAnswer, testing::ValuesIn(cases()),
                         [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

TEST(SandboxStream, HasAnthropicsEventsInTheirOrder) {
  const std::vector<std::string> expected = {
      "message_start",      "content_block_start", "ping",        "content_block_delta",
      "content_block_stop", "message_delta",       "message_stop"};
  EXPECT_EQ(events_of(plan_of({kMessages, true, "Hi", "", false})), expected);
  EXPECT_EQ(events_of(plan_of({kMessages, true, "Use the get_weather tool", "", true})), expected);
}

TEST(SandboxStream, HasTheEventsOfResponsesInTheirOrder) {
  EXPECT_EQ(
      events_of(plan_of({kResponses, true, "Hi", "", false})),
      (std::vector<std::string>{
          "response.created", "response.in_progress", "response.output_item.added",
          "response.content_part.added", "response.output_text.delta", "response.output_text.done",
          "response.content_part.done", "response.output_item.done", "response.completed"}));
  EXPECT_EQ(events_of(plan_of({kResponses, true, "Use the get_weather tool", "", true})),
            (std::vector<std::string>{
                "response.created", "response.in_progress", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed"}));
  EXPECT_EQ(
      events_of(plan_of({kResponses, true, "Hi", R"(,"max_output_tokens":16)", false})).back(),
      "response.incomplete");
}

TEST(SandboxStream, ComesAtAHumanPace) {
  const SandboxPlan plan = plan_of({kChat, true, "Hi", "", false});
  std::int64_t wait_ms = 0;
  for (const SandboxFrame& frame : plan.frames) wait_ms += frame.delay_ms;
  const std::int64_t tokens = plan.usage[TokenClass::output];
  EXPECT_GE(wait_ms, tokens * 20);  // 50 a second
  EXPECT_LE(wait_ms, tokens * 34);  // 30 a second
  EXPECT_GT(plan.delay_ms, 0);
}

TEST(SandboxStream, SendsUsageOnlyWhereItWasAskedFor) {
  const std::string body =
      R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]})";
  const SandboxPlan plan = plan_sandbox_answer(kChat, body, {});
  EXPECT_EQ(stream_of(plan).find("\"usage\""), std::string::npos);
  EXPECT_TRUE(stream_of(plan).ends_with("data: [DONE]\n\n"));
  EXPECT_GT(plan.usage[TokenClass::output], 0);
}

TEST(SandboxText, SaysThatItIsTheSandbox) {
  EXPECT_NE(text_at(plan_of({}).body, "/choices/0/message/content").find("sandbox"),
            std::string::npos);
}

TEST(SandboxText, StopsWhereItIsTold) {
  const SandboxPlan chat = plan_of({kChat, false, "Hi", R"(,"stop":["sandbox","This is"])", false});
  EXPECT_EQ(text_at(chat.body, "/choices/0/message/content"), "");
  EXPECT_EQ(text_at(chat.body, "/choices/0/finish_reason"), "stop");
  const SandboxPlan message =
      plan_of({kMessages, false, "Hi", R"(,"stop_sequences":["sandbox"])", false});
  EXPECT_EQ(text_at(message.body, "/stop_reason"), "stop_sequence");
  EXPECT_EQ(text_at(message.body, "/stop_sequence"), "sandbox");
  EXPECT_EQ(text_at(message.body, "/content/0/text"), "This is Purser's ");
}

TEST(SandboxText, EndsAtTheOutputLimit) {
  const SandboxPlan chat = plan_of({kChat, false, "Hi", R"(,"max_tokens":3)", false});
  EXPECT_EQ(text_at(chat.body, "/choices/0/finish_reason"), "length");
  EXPECT_EQ(text_at(chat.body, "/choices/0/message/content"), "This is Purser");
  EXPECT_EQ(chat.usage[TokenClass::output], 3);
  const SandboxPlan message = plan_of({kMessages, false, "Hi", R"(,"max_tokens":3)", false});
  EXPECT_EQ(text_at(message.body, "/stop_reason"), "max_tokens");
  const SandboxPlan response =
      plan_of({kResponses, false, "Hi", R"(,"max_output_tokens":3)", false});
  EXPECT_EQ(text_at(response.body, "/status"), "incomplete");
  EXPECT_EQ(text_at(response.body, "/incomplete_details/reason"), "max_output_tokens");
}

TEST(SandboxEmbeddings, AreUnitVectorsInEitherEncoding) {
  const std::string floats = R"({"model":"m","input":["a","bcdefgh"],"dimensions":3})";
  const SandboxPlan plan = plan_sandbox_answer(Format::openai_embeddings, floats, {});
  const AnswerSummary got = read_answer(Format::openai_embeddings, plan.body);
  ASSERT_TRUE(got.usage);
  EXPECT_EQ(*got.usage, plan.usage);
  EXPECT_EQ(plan.usage[TokenClass::input], 3);
  dom::parser parser;
  dom::array vector;
  ASSERT_EQ(parser.parse(plan.body).at_pointer("/data/1/embedding").get_array().get(vector),
            simdjson::SUCCESS);
  double squares = 0;
  for (const dom::element number : vector) squares += number.get_double() * number.get_double();
  EXPECT_EQ(vector.size(), 3u);
  EXPECT_NEAR(squares, 1, 1e-5);

  const std::string base64 =
      R"({"model":"m","input":[[1,2],[3]],"dimensions":5,"encoding_format":"base64"})";
  const SandboxPlan encoded = plan_sandbox_answer(Format::openai_embeddings, base64, {});
  EXPECT_EQ(text_at(encoded.body, "/data/0/embedding").size(), 28u);  // 20 bytes
  EXPECT_EQ(encoded.usage[TokenClass::input], 3);
  EXPECT_EQ(
      plan_sandbox_answer(Format::openai_embeddings, R"({"model":"m","input":[]})", {}).status,
      400);
}

TEST(SandboxCount, IsWhatTheAnswerBills) {
  const Ask ask{kMessages, false, "How many tokens is this, all in all?", "", true};
  const SandboxPlan counted = plan_sandbox_answer(Format::anthropic_count_tokens, body_of(ask), {});
  EXPECT_EQ(read_counted_tokens(kMessages, counted.body), plan_of(ask).usage.all_input_tokens());
  const Ask response{kResponses, false, "How many tokens is this?", "", true};
  EXPECT_EQ(read_counted_tokens(kResponses, plan_sandbox_response_count(body_of(response)).body),
            plan_of(response).usage.all_input_tokens());
}

TEST(SandboxModels, AreListedInBothShapes) {
  EXPECT_EQ(text_at(sandbox_models(false), "/data/0/id"), "small");
  EXPECT_EQ(text_at(sandbox_models(true), "/data/1/id"), "large");
  EXPECT_EQ(text_at(sandbox_models(true), "/last_id"), "large");
}

TEST(SandboxBadRequest, GetsTheProvidersError) {
  for (const Format format :
       {kChat, kResponses, kMessages, Format::openai_embeddings, Format::anthropic_count_tokens}) {
    for (const char* body : {"", "[]", "{}", "{\"model\":7}", "{\"model\":\"m\""}) {
      const SandboxPlan plan = plan_sandbox_answer(format, body, {});
      EXPECT_EQ(plan.status, 400) << body;
      EXPECT_EQ(text_at(plan.body, "/error/type"), "invalid_request_error");
    }
  }
}

RC_GTEST_PROP(SandboxProperty, IsMeteredAsItsPlanSaysWhateverIsAsked, ()) {
  const Format format = *rc::gen::element(kChat, kResponses, kMessages);
  Ask ask{format, *rc::gen::arbitrary<bool>(), {}, {}, *rc::gen::arbitrary<bool>()};
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "run", "`ls -l`", "use the tool", "get_weather", "long answer", "Köln", "weather", "☕", "in",
      "Oslo", "\\\"quoted\\\"", "\\n", "<system-reminder>"));
  for (const std::string& word : words) ask.text += word + " ";
  const auto limit = *rc::gen::inRange(1, 60);
  if (*rc::gen::arbitrary<bool>()) {
    ask.more = std::string(format == kResponses ? ",\"max_output_tokens\":" : ",\"max_tokens\":") +
               std::to_string(limit);
  }
  const SandboxPlan plan = plan_of(ask);
  const AnswerSummary got = metered(ask, plan);
  RC_ASSERT(got.complete);
  RC_ASSERT(got.usage == plan.usage);
  if (!ask.more.empty()) RC_ASSERT(plan.usage[TokenClass::output] <= limit);
}

RC_GTEST_PROP(SandboxProperty, SurvivesAnyDamage, ()) {
  const Format format = *rc::gen::element(kChat, kResponses, kMessages, Format::openai_embeddings);
  std::string body = body_of({format, *rc::gen::arbitrary<bool>(), "Use the get_weather tool",
                              R"(,"response_format":{"type":"json_schema","json_schema":{"schema":)"
                              R"({"type":"array","items":{"$ref":"#"}}}})",
                              true});
  const auto damages = *rc::gen::inRange(1, 6);
  for (int i = 0; i < damages && !body.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, body.size());
    if (*rc::gen::arbitrary<bool>()) {
      body[at] = *rc::gen::elementOf(std::string("\"{}[]:,-.9e0\\tnf"));
    } else {
      body.erase(at, *rc::gen::inRange<std::size_t>(1, 8));
    }
  }
  const SandboxPlan plan = plan_sandbox_answer(format, body, {});
  RC_ASSERT(plan.status == 200 || plan.status == 400);
  RC_ASSERT(plan.body.empty() == !plan.frames.empty());
}

}  // namespace
}  // namespace purser::providers
