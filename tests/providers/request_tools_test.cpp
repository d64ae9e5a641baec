#include <gmock/gmock.h>

#include "request_test_support.h"

namespace purser::providers {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string tools(std::string_view list) { return R"(,"tools":[)" + std::string(list) + "]"; }

struct Row {
  const char* tool;
  const char* code;
};

TEST(RequestTools, ChatAdmitsClientSideToolsOnly) {
  const Row rows[] = {
      {R"({"type":"function","function":{"name":"f"}})", ""},
      {R"({"type":"custom","custom":{"name":"f"}})", ""},
      {R"({"type":"web_search"})", "unknown_tool"},
      {R"({"type":"browser_search"})", "unknown_tool"},
      {R"({"type":"code_interpreter"})", "unknown_tool"},
      {R"({"type":"openrouter:web_search"})", "unknown_tool"},
      {R"({"type":"live_search"})", "unknown_tool"},
      {R"({"type":"Function"})", "unknown_tool"},
      {R"({"function":{"name":"f"}})", "unknown_tool"},
      {R"({"type":null})", "unknown_tool"},
      {R"({"type":["function"]})", "unknown_tool"},
      {R"("function")", "bad_field"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(code_of(read_chat(chat(tools(row.tool)))), row.code) << row.tool;
}

TEST(RequestTools, ResponsesAdmitsClientSideToolsAndWebSearch) {
  const Row rows[] = {
      {R"({"type":"function","name":"f","parameters":{}})", ""},
      {R"({"type":"custom","name":"f"})", ""},
      {R"({"type":"namespace","name":"n","tools":[{"type":"function","name":"f"},{"type":"custom","name":"g"}]})",
       ""},
      {R"({"type":"namespace","name":"n","tools":[{"type":"web_search"}]})", "refused_tool"},
      {R"({"type":"namespace","name":"n","tools":[{"type":"mcp"}]})", "unknown_tool"},
      {R"({"type":"namespace","name":"n","tools":{}})", "bad_field"},
      {R"({"type":"local_shell"})", ""},
      {R"({"type":"apply_patch"})", ""},
      {R"({"type":"shell","environment":{"type":"local"}})", ""},
      {R"({"type":"shell","environment":{"type":"container_auto"}})", "refused_tool"},
      {R"({"type":"shell"})", "refused_tool"},
      {R"({"type":"tool_search","execution":"client"})", ""},
      {R"({"type":"tool_search","execution":"server"})", "refused_tool"},
      {R"({"type":"tool_search"})", "refused_tool"},
      {R"({"type":"web_search"})", ""},
      {R"({"type":"web_search_2025_08_26"})", ""},
      {R"({"type":"web_search_preview"})", ""},
      {R"({"type":"web_search_preview_2025_03_11"})", ""},
      {R"({"type":"web_search_2027_01_01"})", "unknown_tool"},
      {R"({"type":"file_search","vector_store_ids":["vs_1"]})", "unknown_tool"},
      {R"({"type":"code_interpreter","container":{"type":"auto"}})", "unknown_tool"},
      {R"({"type":"mcp","server_url":"https://x"})", "unknown_tool"},
      {R"({"type":"image_generation"})", "unknown_tool"},
      {R"({"type":"computer_use_preview"})", "unknown_tool"},
      {R"({"type":"computer"})", "unknown_tool"},
      {R"({"type":"programmatic_tool_calling"})", "unknown_tool"},
      {R"({})", "unknown_tool"},
  };
  for (const Row& row : rows) {
    const auto shape = read_responses(responses(tools(row.tool)));
    EXPECT_EQ(code_of(shape), row.code) << row.tool;
    if (row.code[0] == 'u') {
      EXPECT_THAT(message_of(shape), HasSubstr("namespace"));
    }
  }
}

TEST(RequestTools, MessagesAdmitsClientSideToolsAndWebSearch) {
  const Row rows[] = {
      {R"({"name":"f","input_schema":{}})", ""},
      {R"({"type":null,"name":"f"})", ""},
      {R"({"type":"custom","name":"f"})", ""},
      {R"({"type":"bash_20250124","name":"bash"})", ""},
      {R"({"type":"bash_20241022","name":"bash"})", ""},
      {R"({"type":"text_editor_20241022","name":"e"})", ""},
      {R"({"type":"text_editor_20250124","name":"e"})", ""},
      {R"({"type":"text_editor_20250429","name":"e"})", ""},
      {R"({"type":"text_editor_20250728","name":"e"})", ""},
      {R"({"type":"computer_20241022","name":"computer"})", ""},
      {R"({"type":"computer_20250124","name":"computer"})", ""},
      {R"({"type":"computer_20251124","name":"computer"})", ""},
      {R"({"type":"memory_20250818","name":"memory"})", ""},
      {R"({"type":"web_search_20250305","name":"web_search"})", ""},
      {R"({"type":"web_search_20260209","name":"web_search"})", ""},
      {R"({"type":"web_search_20260318","name":"web_search","allowed_callers":["direct"]})", ""},
      {R"({"type":"web_search_20260318","name":"web_search","allowed_callers":["direct","code_execution_20260120"]})",
       "refused_field"},
      {R"({"type":"web_search_20260318","name":"web_search","allowed_callers":"direct"})",
       "refused_field"},
      {R"({"type":"web_search_20250305","name":"web_search","allowed_callers":["code_execution_20250825"]})",
       "refused_field"},
      {R"({"type":"web_search_20250305","name":"web_search","max_uses":0})", "bad_field"},
      {R"({"type":"web_search_20250305","name":"a"},{"type":"web_search_20250305","name":"b"})",
       "refused_tool"},
      {R"({"type":"web_fetch_20250910","name":"web_fetch"})", "unknown_tool"},
      {R"({"type":"web_fetch_20260318","name":"web_fetch"})", "unknown_tool"},
      {R"({"type":"code_execution_20250825","name":"code_execution"})", "unknown_tool"},
      {R"({"type":"tool_search_tool_bm25_20251119","name":"t"})", "unknown_tool"},
      {R"({"type":"tool_search_tool_regex_20251119","name":"t"})", "unknown_tool"},
      {R"({"type":"advisor_20260301","name":"advisor"})", "unknown_tool"},
      {R"({"type":"mcp_toolset","mcp_server_name":"x"})", "unknown_tool"},
      {R"({"type":"computer_toolset_20260801"})", "unknown_tool"},
      {R"({"type":"browser_toolset_20260801"})", "unknown_tool"},
      {R"({"type":""})", "unknown_tool"},
      {R"({"type":5})", "unknown_tool"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(code_of(read_messages(messages(tools(row.tool)))), row.code) << row.tool;
}

TEST(RequestTools, OpenAiSearchGetsALimitOnCalls) {
  const std::string absent = responses(tools(R"({"type":"web_search"})"));
  auto shape = read_responses(absent);
  ASSERT_TRUE(shape);
  EXPECT_TRUE(shape->has_web_search);
  EXPECT_EQ(shape->web_search_calls, 5);
  EXPECT_FALSE(shape->requires_web_search);
  EXPECT_THAT(written(shape, absent, 9, 5), HasSubstr(R"("max_tool_calls":5,)"));
  EXPECT_THAT(written(shape, absent, 9, 2), HasSubstr(R"("max_tool_calls":2,)"));

  const std::string given = responses(tools(R"({"type":"web_search"})") + R"(,"max_tool_calls":3)");
  shape = read_responses(given);
  EXPECT_EQ(shape->web_search_calls, 3);
  EXPECT_THAT(written(shape, given, 9, 3), HasSubstr(R"("max_tool_calls":3})"));
  EXPECT_THAT(written(shape, given, 9, 1), HasSubstr(R"("max_tool_calls":1})"));
  // Never more than the client allowed.
  EXPECT_THAT(written(shape, given, 9, 100), HasSubstr(R"("max_tool_calls":3})"));
}

TEST(RequestTools, AnthropicSearchGetsALimitOnUses) {
  const std::string absent =
      messages(tools(R"({"type":"web_search_20250305","name":"web_search"})"));
  auto shape = read_messages(absent);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->web_search_calls, 5);
  EXPECT_THAT(written(shape, absent, 9, 4), HasSubstr(R"({"max_uses":4,"type":)"));

  const std::string given =
      messages(tools(R"({"type":"web_search_20250305","name":"web_search","max_uses":8})"));
  shape = read_messages(given);
  EXPECT_EQ(shape->web_search_calls, 8);
  EXPECT_THAT(written(shape, given, 9, 8), HasSubstr(R"("max_uses":8})"));
  EXPECT_THAT(written(shape, given, 9, 2), HasSubstr(R"("max_uses":2})"));
}

// Otherwise code that the provider runs between searches adds rounds that nothing counts.
TEST(RequestTools, LaterAnthropicSearchIsCalledDirectly) {
  const std::string body = messages(tools(R"({"type":"web_search_20260209","name":"web_search"})"));
  EXPECT_THAT(written(read_messages(body), body, 9, 5),
              HasSubstr(R"({"max_uses":5,"allowed_callers":["direct"],"type":)"));
}

struct Removal {
  const char* members;
  const char* left;
};

TEST(RequestTools, SearchIsTakenOutWhereNoCallIsLeft) {
  const Removal rows[] = {
      {R"("tools":[{"type":"web_search"}])", ""},
      {R"("tools":[{"type":"web_search"}],"tool_choice":"auto")", ""},
      {R"("tools":[{"type":"web_search"},{"type":"web_search_preview"}],"store":false)",
       R"(,"store":false)"},
      {R"("tools":[{"type":"function","name":"f"},{"type":"web_search"}])",
       R"(,"tools":[{"type":"function","name":"f"}])"},
      {R"("tools":[ {"type":"web_search"} , {"type":"function","name":"f"} ],"tool_choice":"auto")",
       R"(,"tools":[ {"type":"function","name":"f"} ],"tool_choice":"auto")"},
      {R"("tools":[{"type":"custom","name":"c"}, {"type":"web_search"} ,{"type":"function","name":"f"}])",
       R"(,"tools":[{"type":"custom","name":"c"} ,{"type":"function","name":"f"}])"},
      {R"("tools":[{"type":"web_search"},{"type":"function","name":"f"},{"type":"web_search_preview"}])",
       R"(,"tools":[{"type":"function","name":"f"}])"},
      {R"("tools":[{"type":"web_search"}],"include":["web_search_call.action.sources"])", ""},
      {R"("include":["reasoning.encrypted_content","web_search_call.results"],"tools":[{"type":"web_search"}])",
       R"(,"include":["reasoning.encrypted_content"])"},
      {R"("tools":[{"type":"function","name":"f"},{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"},{"type":"function","name":"f"}]})",
       R"(,"tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]})"},
      {R"("tools":[{"type":"function","name":"f"},{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"}]})",
       R"(,"tools":[{"type":"function","name":"f"}])"},
  };
  for (const Removal& row : rows) {
    const std::string body = responses("," + std::string(row.members));
    const auto shape = read_responses(body);
    EXPECT_EQ(written(shape, body, 9, 0),
              R"({"max_output_tokens":9,"service_tier":"default","model":"gpt-5","input":"Hi")" +
                  std::string(row.left) + "}")
        << row.members;
  }
}

TEST(RequestTools, AnthropicSearchIsTakenOutToo) {
  const std::string tool = R"({"type":"web_search_20250305","name":"web_search"})";
  const std::string alone = messages(tools(tool) + R"(,"tool_choice":{"type":"auto"})");
  EXPECT_EQ(
      written(read_messages(alone), alone, 9, 0),
      R"({"service_tier":"standard_only","model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})");
  const std::string first = R"({"model":"c","tools":[)" + tool +
                            R"(,{"name":"f"}],"max_tokens":9,"messages":[{"content":"a"}]})";
  EXPECT_EQ(
      written(read_messages(first), first, 9, 0),
      R"({"service_tier":"standard_only","model":"c","tools":[{"name":"f"}],"max_tokens":9,"messages":[{"content":"a"}]})");
}

TEST(RequestTools, AChoiceOfSearchInsistsOnIt) {
  const std::string search = R"({"type":"web_search"})";
  const std::string both = search + R"(,{"type":"function","name":"f"})";
  struct Choice {
    std::string list;
    const char* choice;
    bool required;
  };
  const Choice rows[] = {
      {both, R"({"type":"web_search"})", true},
      {both, R"({"type":"web_search_preview"})", true},
      {both, R"("required")", false},
      {search, R"("required")", true},
      {search, R"("auto")", false},
      {both, R"({"type":"function","name":"f"})", false},
      {both, R"({"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]})", true},
      {both, R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"}]})", false},
  };
  for (const Choice& row : rows) {
    const auto shape =
        read_responses(responses(tools(row.list) + ",\"tool_choice\":" + row.choice));
    ASSERT_TRUE(shape);
    EXPECT_EQ(shape->requires_web_search, row.required) << row.choice << row.list;
  }
  const std::string tool = R"({"type":"web_search_20250305","name":"look"})";
  const auto insists = [&](const std::string& list, const char* choice) {
    return read_messages(messages(tools(list) + ",\"tool_choice\":" + choice))->requires_web_search;
  };
  EXPECT_TRUE(insists(tool, R"({"type":"tool","name":"look"})"));
  EXPECT_TRUE(insists(tool, R"({"type":"any"})"));
  EXPECT_FALSE(insists(tool, R"({"type":"auto"})"));
  EXPECT_FALSE(insists(tool + R"(,{"name":"f"})", R"({"type":"any"})"));
  EXPECT_FALSE(insists(tool + R"(,{"name":"f"})", R"({"type":"tool","name":"f"})"));
}

// Definitions of tools that stand among the messages are no way around the table.
TEST(RequestTools, HostedToolsInsideMessagesAreRefused) {
  EXPECT_EQ(
      code_of(read_responses(responses(
          "",
          R"([{"type":"additional_tools","role":"developer","tools":[{"type":"web_search"}]}])"))),
      "refused_tool");
  EXPECT_EQ(
      code_of(read_responses(responses(
          "", R"([{"type":"additional_tools","role":"developer","tools":[{"type":"mcp"}]}])"))),
      "unknown_tool");
  EXPECT_EQ(
      code_of(read_responses(responses(
          "", R"([{"type":"tool_search_output","tools":[{"type":"function","name":"f"}]}])"))),
      "");
  const auto addition = [](const char* tool) {
    return code_of(
        read_messages(messages("", R"([{"role":"user","content":[{"type":"tool_addition","tool":)" +
                                       std::string(tool) + "}]}]")));
  };
  EXPECT_EQ(addition(R"({"type":"tool_reference","name":"f"})"), "");
  EXPECT_EQ(addition(R"({"type":"tool_definition","definition":{"name":"f"}})"), "");
  EXPECT_EQ(addition(R"({"type":"tool_definition","definition":{"type":"web_search_20250305"}})"),
            "refused_tool");
  EXPECT_EQ(addition(R"({"type":"tool_definition","definition":{"type":"mcp_toolset"}})"),
            "unknown_tool");
  EXPECT_EQ(addition(R"({"type":"mcp_toolset_reference","name":"x"})"), "refused_tool");
}

// Who only speaks the format may overlook the limit on calls.
TEST(RequestTools, HostedToolsOfACompatibleServerAreRefused) {
  EXPECT_EQ(code_of(read(Format::openai_responses, Dialect::compatible,
                         responses(tools(R"({"type":"web_search"})")))),
            "refused_tool");
  EXPECT_EQ(code_of(read(Format::anthropic_messages, Dialect::compatible,
                         messages(tools(R"({"type":"web_search_20250305","name":"w"})")))),
            "refused_tool");
  EXPECT_EQ(code_of(read(Format::openai_responses, Dialect::compatible,
                         responses(tools(R"({"type":"function","name":"f"})")))),
            "");
}

TEST(RequestTools, CodexSearchWithoutWebAccessIsSearchStill) {
  const auto shape =
      read_responses(responses(tools(R"({"type":"web_search","external_web_access":false})")));
  ASSERT_TRUE(shape);
  EXPECT_TRUE(shape->has_web_search);
}

}  // namespace
}  // namespace purser::providers
