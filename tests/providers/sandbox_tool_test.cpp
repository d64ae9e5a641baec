#include "sandbox_tool.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "purser/providers/sandbox.h"
#include "sandbox_schema.h"

namespace purser::providers {
namespace {

namespace dom = simdjson::dom;

constexpr const char* kBash =
    R"({"type":"object","properties":{"command":{"type":"string"},"timeout":{"type":"number"}},"required":["command"]})";
constexpr const char* kWeather =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";

SandboxRequest agent_asked(std::string asked) {
  SandboxRequest request;
  request.asked = std::move(asked);
  for (const char* name : {"Agent", "Bash", "Edit", "Read", "TaskCreate", "WebFetch", "Write"}) {
    request.tools.push_back({name, false, kBash});
  }
  return request;
}

SandboxRequest asked_of_one_tool(std::string asked) {
  SandboxRequest request;
  request.asked = std::move(asked);
  request.tools.push_back({"get_weather", false, kWeather});
  return request;
}

std::string called(const SandboxRequest& request) {
  const auto call = choose_sandbox_tool(request);
  return call ? call->name + " " + call->arguments : "";
}

TEST(SandboxTool, RunsTheCommandThatItIsToldToRun) {
  EXPECT_EQ(called(agent_asked("Run `echo hi` and tell me")), R"(Bash {"command":"echo hi"})");
  EXPECT_EQ(called(agent_asked("please execute the command `ls -l \"a\"`.")),
            R"(Bash {"command":"ls -l \"a\""})");
  EXPECT_EQ(called(agent_asked("run: \"make test\"")), R"(Bash {"command":"make test"})");
  EXPECT_EQ(called(agent_asked("What does `echo hi` do?")), "");
  EXPECT_EQ(called(agent_asked("Run `")), "");
}

TEST(SandboxTool, IsCalledByItsName) {
  EXPECT_EQ(called(agent_asked("Use the Read tool")).substr(0, 5), "Read ");
  EXPECT_EQ(called(agent_asked("please use Bash")).substr(0, 5), "Bash ");
  EXPECT_EQ(called(agent_asked("call `WebFetch` now")).substr(0, 9), "WebFetch ");
  EXPECT_EQ(called(agent_asked("use a tool")).substr(0, 5), "Bash ");
  // Words that happen to be a tool's name, in an agent's session of many tools.
  EXPECT_EQ(called(agent_asked("Write a poem and read it to me")), "");
  EXPECT_EQ(called(agent_asked("Say hello")), "");
}

TEST(SandboxTool, OfFewIsCalledByAWordInCommon) {
  EXPECT_EQ(called(asked_of_one_tool("What is the weather in Oslo?")),
            R"(get_weather {"city":"Oslo"})");
  EXPECT_EQ(called(asked_of_one_tool("get_weather!")).substr(0, 11), "get_weather");
  EXPECT_EQ(called(asked_of_one_tool("Get me a coffee")), "");
}

TEST(SandboxTool, FollowsTheToolChoice) {
  SandboxRequest request = agent_asked("Say hello");
  request.tool_choice = SandboxRequest::ToolChoice::required;
  EXPECT_EQ(called(request).substr(0, 6), "Agent ");
  request.chosen_tool = "Edit";
  EXPECT_EQ(called(request).substr(0, 5), "Edit ");
  request.chosen_tool = "Missing";
  EXPECT_EQ(called(request), "");
  request = agent_asked("Run `echo hi`");
  request.tool_choice = SandboxRequest::ToolChoice::none;
  EXPECT_EQ(called(request), "");
}

TEST(SandboxTool, IsNotCalledAgainForItsResult) {
  SandboxRequest request = agent_asked("Run `echo hi`");
  request.has_tool_result = true;
  EXPECT_EQ(called(request), "");
}

TEST(SandboxTool, OfFreeFormGetsText) {
  SandboxRequest request;
  request.asked = "run `x`";
  request.tools.push_back({"shell", true, {}});
  EXPECT_EQ(called(request), "shell x");
}

// A whole turn: a call, then its result, then a text that tells it.
TEST(SandboxTurn, EndsWithATextAboutTheResult) {
  const SandboxPlan chat = plan_sandbox_answer(
      Format::openai_chat,
      R"({"model":"m","messages":[{"role":"user","content":"Use get_weather"},{"role":"assistant",)"
      R"("content":null,"tool_calls":[]},{"role":"tool","tool_call_id":"c","content":"rain, 7 °C"}],)"
      R"("tools":[{"type":"function","function":{"name":"get_weather"}}]})",
      {});
  EXPECT_NE(chat.body.find("rain, 7 °C"), std::string::npos);
  EXPECT_NE(chat.body.find("\"finish_reason\":\"stop\""), std::string::npos);

  const SandboxPlan message = plan_sandbox_answer(
      Format::anthropic_messages,
      R"({"model":"m","max_tokens":500,"messages":[{"role":"user","content":"Use Bash"},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"Bash","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text",)"
      R"("text":"rain, 7 °C"}]},{"type":"text","text":"<system-reminder>x</system-reminder>"}]},)"
      R"({"role":"system","content":"use the Bash tool"}],"tools":[{"name":"Bash","input_schema":{}}]})",
      {});
  EXPECT_NE(message.body.find("rain, 7 °C"), std::string::npos);
  EXPECT_NE(message.body.find("\"stop_reason\":\"end_turn\""), std::string::npos);

  const SandboxPlan response = plan_sandbox_answer(
      Format::openai_responses,
      R"({"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text",)"
      R"("text":"Use get_weather"}]},{"type":"function_call","call_id":"c","name":"get_weather",)"
      R"("arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"rain, 7 °C"}],)"
      R"("tools":[{"type":"function","name":"get_weather","parameters":{}}]})",
      {});
  EXPECT_NE(response.body.find("rain, 7 °C"), std::string::npos);
  EXPECT_NE(response.body.find("\"type\":\"message\""), std::string::npos);
}

struct SchemaRow {
  const char* name;
  const char* schema;
  const char* value;
};

class SandboxSchema : public testing::TestWithParam<SchemaRow> {};
TEST_P(SandboxSchema, IsSatisfied) {
  EXPECT_EQ(json_for_schema(GetParam().schema, {"weather in Rome", "ls"}), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    All, SandboxSchema,
    testing::Values(
        SchemaRow{
            "required_only",
            R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["b"]})",
            R"({"b":null})"},
        SchemaRow{"none_required",
                  R"({"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"null"}}})",
                  R"({"a":false})"},
        SchemaRow{"choice", R"({"enum":["x","y"]})", R"("x")"},
        SchemaRow{"fixed", R"({"const":{"k":[1]}})", R"({"k":[1]})"},
        SchemaRow{"default_value", R"({"type":"integer","default":9})", "9"},
        SchemaRow{"least", R"({"type":"integer","minimum":5,"maximum":9})", "5"},
        SchemaRow{"most", R"({"type":"number","maximum":-2.5})", "-2.5"},
        SchemaRow{"above", R"({"type":"integer","exclusiveMinimum":1})", "2"},
        SchemaRow{"below", R"({"type":"integer","exclusiveMaximum":1})", "0"},
        SchemaRow{"short_text", R"({"type":"string","maxLength":3})", R"("san")"},
        SchemaRow{"padded_text", R"({"type":"string","minLength":9})", R"("sandbox..")"},
        SchemaRow{"date", R"({"type":"string","format":"date"})", R"("2026-11-23")"},
        SchemaRow{"several_types", R"({"type":["null","integer"]})", "1"},
        SchemaRow{"any_of", R"({"anyOf":[{"type":"null"},{"type":"boolean"}]})", "false"},
        SchemaRow{"three_items", R"({"type":"array","minItems":3,"items":{"type":"integer"}})",
                  "[1,1,1]"},
        SchemaRow{"no_items", R"({"type":"array","maxItems":0,"items":{}})", "[]"},
        SchemaRow{
            "reference",
            R"({"$defs":{"P":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}},"type":"array","items":{"$ref":"#/$defs/P"}})",
            R"([{"n":1}])"},
        SchemaRow{"place", R"({"type":"object","properties":{"location":{"type":"string"}}})",
                  R"({"location":"Rome"})"},
        SchemaRow{
            "command_words",
            R"({"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}}}})",
            R"({"command":["bash","-lc","ls"]})"},
        SchemaRow{"no_schema", "7", "{}"}, SchemaRow{"no_json", "{", "{}"}),
    [](const testing::TestParamInfo<SchemaRow>& one) { return one.param.name; });

TEST(SandboxSchemas, ThatNeverEndsIsCutOff) {
  for (
      const char* schema :
      {R"({"$ref":"#"})", R"({"type":"array","minItems":16,"items":{"$ref":"#"}})",
       R"({"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}},"required":["a","b"]})",
       R"({"anyOf":[{"$ref":"#"}]})"}) {
    const std::string value = json_for_schema(schema, {});
    dom::parser parser;
    EXPECT_EQ(parser.parse(value).error(), simdjson::SUCCESS);
    EXPECT_LT(value.size(), 1u << 18);
  }
}

TEST(SandboxSchemas, OfStructuredOutputIsTheAnswer) {
  for (
      const char* body :
      {R"({"model":"m","messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}})",
       R"({"model":"m","messages":[],"response_format":{"type":"json_object"}})"}) {
    const SandboxPlan plan = plan_sandbox_answer(Format::openai_chat, body, {});
    dom::parser parser;
    std::string_view content;
    ASSERT_EQ(parser.parse(plan.body).at_pointer("/choices/0/message/content").get(content),
              simdjson::SUCCESS);
    dom::parser inner;
    dom::object value;
    EXPECT_EQ(inner.parse(std::string(content)).get_object().get(value), simdjson::SUCCESS);
  }
}

}  // namespace
}  // namespace purser::providers
