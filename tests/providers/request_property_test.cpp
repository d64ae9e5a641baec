// For any request that is read: what is written says exactly what was decided, to a reader as
// strict as ours, and bytes that are not ours stay. For any bytes: nothing breaks.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <map>

#include "json_document.h"
#include "request_test_support.h"

namespace purser::providers {
namespace {

struct Case {
  Format format;
  Dialect dialect;
  std::string body;
};

using Members = std::vector<std::string>;

// Members of which a request is put together, with what surrounds them in the wild.
const Members& members_of(Format format) {
  static const Members chat_members = {
      R"("max_tokens":700)",
      R"("max_tokens": null)",
      R"("max_completion_tokens":3e2)",
      R"("n":3)",
      R"("n" : 2.0)",
      R"("stream":true)",
      R"("stream":false)",
      R"("stream_options":{"include_usage":true})",
      R"("stream_options":{ })",
      R"("stream_options":{"include_obfuscation":false,"include_usage":false})",
      R"("service_tier":"auto")",
      R"("service_tier":null)",
      R"("temperature":0.25)",
      R"("tools":[{"type":"function","function":{"name":"f"}}])",
      R"("user":"ü")",
      R"("response_format":{"type":"json_schema","json_schema":{"a":[1,2]}})",
      R"("unknown":{"a" : [ 1 , {} , [] ] })",
      R"("\u0073eed":1)"};
  static const Members responses_members = {
      R"("max_output_tokens":700)",
      R"("max_output_tokens":null)",
      R"("stream":true)",
      R"("service_tier":"default")",
      R"("max_tool_calls":3)",
      R"("store":false)",
      R"("tools":[{"type":"web_search"}])",
      R"("tool_choice":"auto")",
      R"("tools":[ {"type":"function","name":"f"} , {"type":"web_search_preview"} ])",
      R"("tools":[{"type":"web_search"},{"type":"function","name":"f"},{"type":"web_search"}])",
      R"("include":["web_search_call.results","reasoning.encrypted_content"])",
      R"("include":["web_search_call.results"])",
      R"("reasoning":{"effort":"low"})",
      R"("tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"}]})",
      R"("text":{"format":{"type":"json_schema","schema":{}}})",
      R"("instructions":"be brief")"};
  static const Members messages_members = {
      R"("stream":true)",
      R"("service_tier":"auto")",
      R"("service_tier":"standard_only")",
      R"("system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}])",
      R"("tools":[{"type":"web_search_20250305","name":"web_search","max_uses":9}])",
      R"("tools":[{"name":"f"},{"type":"web_search_20260209","name":"web_search"}])",
      R"("tools":[{"type":"web_search_20260318","name":"w","allowed_callers":["direct"]},{"name":"f"}])",
      R"("tool_choice":{"type":"auto"})",
      R"("thinking":{"type":"enabled","budget_tokens":2048})",
      R"("cache_control":{"type":"ephemeral"})",
      R"("metadata":{"user_id":"u"})",
      R"("temperature" : 1.0)",
      R"("output_config":{"format":{"type":"json_schema"}})"};
  static const Members embeddings_members = {R"("dimensions":64)", R"("encoding_format":"float")",
                                             R"("user":"u")"};
  switch (format) {
    case Format::openai_chat:
      return chat_members;
    case Format::openai_responses:
      return responses_members;
    case Format::openai_embeddings:
      return embeddings_members;
    default:
      return messages_members;
  }
}

Members required(Format format) {
  switch (format) {
    case Format::openai_chat:
      return {R"("model":"a\/b")", R"("messages":[{"role":"user","content":"Hi"}])"};
    case Format::openai_responses:
      return {R"("model" : "a/b")", R"("input":[{"role":"user","content":"Hi"}])"};
    case Format::openai_embeddings:
      return {R"("model":"a/b")", R"("input":["Hi",[1,2]])"};
    default:
      return {R"("model":"\u0061/b")", R"("max_tokens":5000)",
              R"("messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}])"};
  }
}

rc::Gen<Case> a_case() {
  return rc::gen::exec([] {
    Case made;
    made.format =
        *rc::gen::element(Format::openai_chat, Format::openai_chat, Format::openai_responses,
                          Format::openai_responses, Format::anthropic_messages,
                          Format::anthropic_messages, Format::openai_embeddings);
    made.dialect = is_anthropic(made.format) ? Dialect::anthropic : Dialect::openai;
    // Their hosted tools are refused.
    if (made.format == Format::openai_chat && *rc::gen::inRange(0, 3) == 0)
      made.dialect = Dialect::compatible;
    // One of each key.
    std::map<std::string, std::string> chosen;
    for (const std::string& member :
         *rc::gen::container<Members>(rc::gen::elementOf(members_of(made.format)))) {
      const std::string key = member.substr(1, member.find('"', 1) - 1);
      chosen.try_emplace(key, member);
    }
    Members all = required(made.format);
    for (const auto& [key, member] : chosen) all.push_back(member);
    for (std::size_t i = all.size() - 1; i > 0; --i)
      std::swap(all[i], all[*rc::gen::inRange<std::size_t>(0, i + 1)]);
    const std::string space = *rc::gen::element<std::string>("", "", " ", "\n\t");
    made.body = space + "{" + space;
    for (std::size_t i = 0; i < all.size(); ++i)
      made.body += (i == 0 ? "" : "," + space) + all[i] + space;
    made.body += "}" + space;
    return made;
  });
}

Form a_form(const RequestShape& shape) {
  Form form;
  const bool has_output = shape.format != Format::openai_embeddings;
  if (has_output) form.output_limit_tokens = *rc::gen::inRange<std::int64_t>(1, 100'000);
  if (shape.has_web_search)
    form.web_search_calls = *rc::gen::inRange<std::int64_t>(0, shape.web_search_calls + 1);
  return form;
}

void check_written(const Case& made, const RequestShape& shape, const Form& form) {
  const std::string sent = write_request(shape, made.body, form, "upstream/name");
  const auto again = read_request(made.format, made.dialect, sent, {});
  if (!again) RC_FAIL(again.error().message + "\n" + sent);
  RC_ASSERT(again->model == "upstream/name");
  RC_ASSERT(again->stream == shape.stream);
  RC_ASSERT(again->choices == shape.choices);
  if (made.format != Format::openai_embeddings)
    RC_ASSERT(again->output_limit_tokens == form.output_limit_tokens);
  RC_ASSERT(again->has_web_search == (form.web_search_calls > 0));
  RC_ASSERT(again->web_search_calls == form.web_search_calls);
  if (made.format == Format::openai_chat) RC_ASSERT(again->client_asked_usage == shape.stream);
  RC_ASSERT(again->may_write_cache_1h == shape.may_write_cache_1h);
  RC_ASSERT(again->thinking_budget_tokens == shape.thinking_budget_tokens);
  RC_ASSERT(again->end_user == shape.end_user);
  // Written once more, it is the same.
  RC_ASSERT(write_request(*again, sent, form, "upstream/name") == sent);
}

// Every member that is not ours has its bytes, and the order is kept.
void check_untouched(const Case& made, const RequestShape& shape, const Form& form) {
  const std::string sent = write_request(shape, made.body, form, shape.model);
  const auto before = JsonDocument::parse(made.body);
  const auto after = JsonDocument::parse(sent);
  RC_ASSERT(before && after);
  static const std::map<std::string_view, int> ours = {{"model", 0},
                                                       {"max_tokens", 0},
                                                       {"max_completion_tokens", 0},
                                                       {"n", 0},
                                                       {"stream_options", 0},
                                                       {"max_output_tokens", 0},
                                                       {"max_tool_calls", 0},
                                                       {"service_tier", 0},
                                                       {"tools", 0},
                                                       {"tool_choice", 0},
                                                       {"include", 0}};
  std::vector<std::string_view> kept;
  for (const Value member : after->root()) {
    if (!ours.contains(member.key()))
      kept.push_back(std::string_view(sent).substr(
          member.item_span().begin, member.item_span().end - member.item_span().begin));
  }
  std::vector<std::string_view> given;
  for (const Value member : before->root()) {
    if (!ours.contains(member.key()))
      given.push_back(std::string_view(made.body).substr(
          member.item_span().begin, member.item_span().end - member.item_span().begin));
  }
  RC_ASSERT(kept == given);
}

RC_GTEST_PROP(RequestProperty, WhatIsWrittenSaysWhatWasDecided, ()) {
  const Case made = *a_case();
  const auto shape = read_request(made.format, made.dialect, made.body, {});
  if (!shape) RC_FAIL(shape.error().message + "\n" + made.body);
  RC_CLASSIFY(shape->has_web_search, "web search");
  RC_CLASSIFY(shape->stream, "stream");
  RC_CLASSIFY(made.dialect == Dialect::compatible, "compatible");
  const Form form = a_form(*shape);
  RC_CLASSIFY(shape->has_web_search && form.web_search_calls == 0, "search taken out");
  check_written(made, *shape, form);
  check_untouched(made, *shape, form);
}

// Takes the text apart somewhere and puts it together differently.
std::string mutated(std::string body) {
  static const Members pieces = {"\"",
                                 "\\",
                                 "{",
                                 "}",
                                 "[",
                                 "]",
                                 ",",
                                 ":",
                                 "null",
                                 "true",
                                 "1e3",
                                 "-1",
                                 "\\u0000",
                                 "\\ud800",
                                 "\xFF",
                                 " ",
                                 "\"model\":\"x\",",
                                 "\"max_tokens\":9,",
                                 "\"n\":5,",
                                 "\"type\":\"web_search\",",
                                 "0"};
  const int count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count && !body.empty(); ++i) {
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, body.size());
    const std::size_t size =
        *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(12, body.size() - at) + 1);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        body.erase(at, size);
        break;
      case 1:
        body.insert(at, *rc::gen::elementOf(pieces));
        break;
      case 2:
        body.insert(*rc::gen::inRange<std::size_t>(0, body.size()), body.substr(at, size));
        break;
      default:
        body[at] = *rc::gen::arbitrary<char>();
    }
  }
  return body;
}

RC_GTEST_PROP(RequestProperty, NoBytesBreakTheReader, ()) {
  Case made = *a_case();
  made.body = mutated(made.body);
  const auto shape = read_request(made.format, made.dialect, made.body, {});
  RC_CLASSIFY(shape.ok(), "read");
  if (!shape) {
    RC_CLASSIFY(true, shape.error().code);
    RC_ASSERT(!shape.error().message.empty());
    RC_ASSERT(shape.error().side == Side::client);
    return;
  }
  RC_ASSERT(shape->input_tokens >= 0);
  RC_ASSERT(shape->prefixes.empty() || shape->prefixes.back().input_tokens == shape->input_tokens);
  check_written(made, *shape, a_form(*shape));
}

}  // namespace
}  // namespace purser::providers
