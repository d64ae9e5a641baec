// What is refused as JSON, and what other readers make of it. The two columns were taken from
// Python 3.11's `json.loads` and Node 20's `JSON.parse` on the same bytes.
#include <gmock/gmock.h>

#include "json_document.h"
#include "request_test_support.h"

namespace purser::providers {
namespace {

using testing::HasSubstr;

struct Row {
  const char* name;
  std::string body;
  const char* code;  // "" where it is read
  const char* python;
  const char* node;
};

std::string bytes(const char* text, std::size_t size) { return std::string(text, size); }

TEST(RequestJson, RefusesWhatReadersDisagreeAbout) {
  const std::string utf16 = bytes("{\0\"\0m\0\"\0:\0001\0}\0", 14);
  const Row rows[] = {
      {"equal keys", R"({"model":"a","model":"b"})", "duplicate_key", "last", "last"},
      {"equal keys, one escaped", R"({"model":"a","\u006dodel":"b"})", "duplicate_key", "last",
       "last"},
      {"equal keys deep inside", R"({"model":"a","messages":[{"a":{"x":1,"\u0078":2}}]})",
       "duplicate_key", "last", "last"},
      {"trailing bytes", R"({"model":"a"} x)", "bad_json", "refuses", "refuses"},
      {"trailing NUL", bytes("{\"model\":\"a\"}\0", 14), "bad_json", "refuses", "refuses"},
      {"two values", R"({"model":"a"}{"model":"b"})", "bad_json", "refuses", "refuses"},
      {"trailing comma", R"({"model":"a",})", "bad_json", "refuses", "refuses"},
      {"comment", R"({"model":"a"/*x*/})", "bad_json", "refuses", "refuses"},
      {"single quotes", R"({'model':'a'})", "bad_json", "refuses", "refuses"},
      {"byte order mark", "\xEF\xBB\xBF{\"model\":\"a\"}", "bad_json", "reads", "refuses"},
      {"UTF-16", utf16, "bad_json", "reads", "refuses"},
      {"invalid UTF-8", "{\"model\":\"a\xFF\"}", "bad_json", "refuses", "replaces"},
      {"overlong UTF-8", "{\"model\":\"\xC0\xAF\"}", "bad_json", "refuses", "replaces"},
      {"surrogate in UTF-8", "{\"model\":\"\xED\xA0\x80\"}", "bad_json", "reads", "replaces"},
      {"lone high surrogate", R"({"model":"\ud800"})", "bad_json", "reads", "reads"},
      {"lone low surrogate", R"({"model":"\udc00"})", "bad_json", "reads", "reads"},
      {"lone surrogate in a key", R"({"model":"a","\udc00":1})", "bad_json", "reads", "reads"},
      {"high surrogate and text", R"({"model":"a","x":"\ud800\u0041"})", "bad_json", "reads",
       "reads"},
      {"raw control character", "{\"model\":\"a\nb\"}", "bad_json", "refuses", "refuses"},
      {"form feed as space", "{\"model\":\f\"a\"}", "bad_json", "refuses", "refuses"},
      {"no-break space", "{\"model\":\u00A0\"a\"}", "bad_json", "refuses", "refuses"},
      {"NaN", R"({"n":NaN})", "bad_json", "reads", "refuses"},
      {"Infinity", R"({"n":Infinity})", "bad_json", "reads", "refuses"},
      {"leading zero", R"({"n":01})", "bad_json", "refuses", "refuses"},
      {"leading plus", R"({"n":+1})", "bad_json", "refuses", "refuses"},
      {"no digit after the point", R"({"n":1.})", "bad_json", "refuses", "refuses"},
      {"hexadecimal", R"({"n":0x10})", "bad_json", "refuses", "refuses"},
      {"beyond a double", R"({"n":1e400})", "bad_json", "infinite", "infinite"},
      {"beyond 64 bits", R"({"n":99999999999999999999})", "bad_json", "reads", "rounds"},
      {"a word with a capital", R"({"stream":True})", "bad_json", "refuses", "refuses"},
      {"unterminated", R"({"model":"a)", "bad_json", "refuses", "refuses"},
      {"empty", "", "bad_json", "refuses", "refuses"},
      {"only space", "  ", "bad_json", "refuses", "refuses"},
      {"an array", "[]", "bad_json", "reads", "reads"},
      {"a text", "\"a\"", "bad_json", "reads", "reads"},
  };
  for (const Row& row : rows) {
    for (const Format format :
         {Format::openai_chat, Format::openai_responses, Format::openai_embeddings,
          Format::anthropic_messages, Format::anthropic_count_tokens}) {
      const auto shape = read(format, own_dialect(format), row.body);
      EXPECT_EQ(code_of(shape), row.code) << row.name << ": " << message_of(shape);
    }
  }
}

TEST(RequestJson, ReadsWhatAllReadersAgreeAbout) {
  for (const std::string& body :
       {std::string("\r\n\t {\"model\" : \"a\" ,\"messages\":[ {} ] } \n"),
        std::string(R"({"model":"\u0061","messages":[{}]})"),
        std::string(R"({"\u006dodel":"a","messages":[{}]})")}) {
    const auto shape = read_chat(body);
    ASSERT_TRUE(shape) << message_of(shape) << body;
    EXPECT_EQ(shape->model, "a");
  }
}

TEST(RequestJson, NamesThePathOfAnEqualKey) {
  EXPECT_THAT(message_of(read_chat(chat(R"(,"tools":[{"function":{"a":1,"a":2}}])"))),
              HasSubstr("tools.function.a"));
}

TEST(RequestJson, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) {
    return R"({"model":"a","messages":[{}],"x":)" + std::string(depth - 1, '[') +
           std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(code_of(read_chat(nested(JsonDocument::kMaxDepth))), "");
  EXPECT_EQ(code_of(read_chat(nested(JsonDocument::kMaxDepth + 1))), "bad_json");
  EXPECT_EQ(code_of(read_chat(nested(100'000))), "bad_json");
  EXPECT_EQ(code_of(read_chat(std::string(100'000, '['))), "bad_json");
}

TEST(RequestJson, BoundsTheNumberOfValues) {
  std::string many = R"({"model":"a","messages":[{}],"x":[0)";
  for (std::size_t i = 0; i < JsonDocument::kMaxValues; ++i) many += ",0";
  EXPECT_EQ(code_of(read_chat(many + "]}")), "bad_json");
}

// Many equal prefixes and many keys take no quadratic time.
TEST(RequestJson, ReadsAnObjectOfManyKeys) {
  std::string many = R"({"model":"a","messages":[{}],"x":{"k":0)";
  for (int i = 0; i < 200'000; ++i)
    many += ",\"" + std::string(8, 'k') + std::to_string(i) + "\":0";
  EXPECT_EQ(code_of(read_chat(many + "}}")), "");
  EXPECT_EQ(code_of(read_chat(many + ",\"k\":1}}")), "duplicate_key");
}

TEST(RequestJson, CountsBytesWithoutSpacesBetweenTokens) {
  const auto document = JsonDocument::parse(R"( { "a" : [ 1 , "x y" ] , "b" : { } } )");
  ASSERT_TRUE(document);
  const Value root = document->root();
  EXPECT_EQ(root.compact_bytes(), std::int64_t(std::string(R"({"a":[1,"x y"],"b":{}})").size()));
  EXPECT_EQ(root.find("a")->compact_bytes(), std::int64_t(std::string(R"([1,"x y"])").size()));
  EXPECT_EQ(root.find("a")->raw(), R"([ 1 , "x y" ])");
  EXPECT_EQ(root.value_count(), 5);
}

TEST(RequestJson, FindsStringsBehindEveryRunOfBackslashes) {
  const auto document =
      JsonDocument::parse(R"({"a":"\\","b":"\\\"","c":"\"\"","d":"\\\\","e":""})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().child_count(), 5u);
  EXPECT_EQ(document->root().find("b")->text(), "\\\"");
  EXPECT_EQ(document->root().find("c")->text(), "\"\"");
  EXPECT_EQ(document->root().find("d")->text(), "\\\\");
}

}  // namespace
}  // namespace purser::providers
