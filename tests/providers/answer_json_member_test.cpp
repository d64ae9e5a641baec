#include "json_member.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include <string>

namespace purser::providers {
namespace {

std::string without(std::string json, std::string_view name) {
  const std::vector<TextSpan> spans = spans_of_member(json, name);
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    json.erase(span->begin, span->end - span->begin);
  }
  return json;
}

TEST(JsonMember, IsCutOutWhereverItStands) {
  EXPECT_EQ(without(R"({"a":1,"usage":null})", "usage"), R"({"a":1})");
  EXPECT_EQ(without(R"({"usage":null,"a":1})", "usage"), R"({"a":1})");
  EXPECT_EQ(without(R"({"a":1,"usage":{"x":[1,{"}":"]"}]},"b":2})", "usage"), R"({"a":1,"b":2})");
  EXPECT_EQ(without(R"({"usage":7})", "usage"), "{}");
  EXPECT_EQ(without(R"({"usage":1,"a":2,"usage":3,"usage":4})", "usage"), R"({"a":2})");
  EXPECT_EQ(without("{ \"a\" : 1 , \"usage\" : \"\\\"}\" , \"b\" : 2 }", "usage"),
            "{ \"a\" : 1 , \"b\" : 2 }");
  EXPECT_EQ(without("{ \"usage\" : 1 , \"b\" : 2 }", "usage"), "{ \"b\" : 2 }");
}

TEST(JsonMember, OfADeeperObjectStays) {
  const std::string nested = R"({"a":{"usage":1},"b":[{"usage":2}],"c":"\"usage\":3"})";
  EXPECT_EQ(without(nested, "usage"), nested);
}

TEST(JsonMember, OfWhatIsNoObjectIsNothing) {
  for (const char* text : {"", "null", "[{\"usage\":1}]", "\"usage\"", "{", "{\"usage",
                           "{\"usage\"", "{\"usage\":", "{]", "   "}) {
    for (const TextSpan& span : spans_of_member(text, "usage")) {
      EXPECT_LE(span.begin, span.end);
      EXPECT_LE(span.end, std::string_view(text).size());
    }
  }
}

std::string join(const std::vector<std::pair<std::string, std::string>>& members,
                 const std::string& space, bool keep_usage) {
  std::string text = "{" + space;
  bool first = true;
  for (const auto& [name, value] : members) {
    if (!keep_usage && name == "usage") continue;
    if (!first) text += "," + space;
    first = false;
    text += "\"" + name + "\"" + space + ":" + space + value + space;
  }
  return text + "}";
}

RC_GTEST_PROP(JsonMember, CuttingItLeavesTheOthersAsTheyWere, ()) {
  const auto name = rc::gen::element<std::string>("usage", "usage", "a", "bb", "us\\u0061ge", "");
  const auto value = rc::gen::element<std::string>("1", "null", "-2.5e3", "\"\"", "\"},{\\\\\"",
                                                   "\"\\\"usage\\\":1,\"", "[]", "[1,[2]]",
                                                   "{\"usage\":{}}", "{\"a\":\"}\"}");
  const auto members = *rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
      rc::gen::pair(name, value));
  const auto space = *rc::gen::element<std::string>("", " ", "\n\t ");
  const std::string left = without(join(members, space, true), "usage");
  simdjson::dom::parser parser;
  RC_ASSERT(parser.parse(left).error() == simdjson::SUCCESS);
  if (space.empty()) RC_ASSERT(left == join(members, space, false));
}

RC_GTEST_PROP(JsonMember, SurvivesAnyBytes, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("{}[]\",:\\ usage1")));
  std::size_t at = 0;
  for (const TextSpan& span : spans_of_member(text, "usage")) {
    RC_ASSERT(at <= span.begin);
    RC_ASSERT(span.begin <= span.end);
    RC_ASSERT(span.end <= text.size());
    at = span.end;
  }
}

}  // namespace
}  // namespace purser::providers
