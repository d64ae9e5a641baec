#include <gmock/gmock.h>

#include "request_test_support.h"

namespace purser::providers {
namespace {

using testing::ElementsAre;

struct Row {
  const char* part;
  const char* code;
  const char* unseen;  // "" where the bound is by bytes
  std::vector<std::string> stored = {};
};

void check(const Row& row, const Result<RequestShape>& shape) {
  EXPECT_EQ(code_of(shape), row.code) << row.part << message_of(shape);
  if (!shape) return;
  EXPECT_EQ(shape->unseen_reason, row.unseen) << row.part;
  EXPECT_EQ(shape->reads_unseen, row.unseen[0] != '\0') << row.part;
  EXPECT_EQ(shape->stored_ids, row.stored) << row.part;
  // A prefix with content that nobody here has seen is no measure for another request.
  EXPECT_EQ(shape->prefixes.empty(), shape->reads_unseen) << row.part;
}

TEST(RequestContent, Chat) {
  const Row rows[] = {
      {R"({"type":"text","text":"x"})", "", ""},
      {R"({"type":"refusal","refusal":"x"})", "", ""},
      {R"("x")", "", ""},
      {R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}})", "", ""},
      {R"({"type":"image_url","image_url":{"url":"https://x/y.png"}})", "", "image_url"},
      {R"({"type":"image_url","image_url":{"url":"DATA:image/png;base64,AAAA"}})", "", "image_url"},
      {R"({"type":"image_url","image_url":{"url":"data:image/svg+xml,<svg>"}})", "", "image_url"},
      {R"({"type":"image_url","image_url":"https://x/y.png"})", "", "image_url"},
      {R"({"type":"image_url","image_url":{"url":5}})", "bad_field", ""},
      {R"({"type":"image_url"})", "bad_field", ""},
      {R"({"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}})", "", "audio"},
      {R"({"type":"file","file":{"file_id":"file-1"}})", "", "file_id", {"file-1"}},
      {R"({"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA"}})", "",
       "file_data"},
      {R"({"type":"video_url","video_url":{"url":"https://x"}})", "unknown_part", ""},
      {R"({"type":"image"})", "unknown_part", ""},
      {R"({"type":""})", "unknown_part", ""},
      {R"({"text":"x"})", "unknown_part", ""},
      {R"({"type":"text","text":"x","prompt_cache_breakpoint":{"mode":"explicit"}})", "", ""},
      {R"({"type":"text","text":"x","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}})",
       "refused_field", ""},
  };
  for (const Row& row : rows)
    check(row,
          read_chat(chat("", R"([{"role":"user","content":[)" + std::string(row.part) + "]}]")));
}

TEST(RequestContent, ChatAudioMakesTheRequestOneOfAudio) {
  const auto shape = read_chat(chat(
      "", R"([{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA"}}]}])"));
  EXPECT_TRUE(shape->has_audio_input);
  const auto earlier = read_chat(chat("", R"([{"role":"assistant","audio":{"id":"audio_1"}}])"));
  ASSERT_TRUE(earlier);
  EXPECT_TRUE(earlier->has_audio_input);
  EXPECT_TRUE(earlier->reads_unseen);
  EXPECT_THAT(earlier->stored_ids, ElementsAre("audio_1"));
}

TEST(RequestContent, AnImageForACompatibleServerHasNoFigure) {
  const auto shape = read_chat(
      chat(
          "",
          R"([{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]}])"),
      Dialect::compatible);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->unseen_reason, "image");
}

TEST(RequestContent, Responses) {
  const Row rows[] = {
      {R"({"role":"user","content":"x"})", "", ""},
      {R"({"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]})", "", ""},
      {R"({"role":"assistant","content":[{"type":"output_text","text":"x","annotations":[]}]})", "",
       ""},
      {R"({"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AA"}]})",
       "", ""},
      {R"({"role":"user","content":[{"type":"input_image","image_url":"https://x"}]})", "",
       "image_url"},
      {R"({"role":"user","content":[{"type":"input_image","file_id":"file-1"}]})",
       "",
       "file_id",
       {"file-1"}},
      {R"({"role":"user","content":[{"type":"input_image"}]})", "bad_field", ""},
      {R"({"role":"user","content":[{"type":"input_file","file_id":"file-2"}]})",
       "",
       "file_id",
       {"file-2"}},
      {R"({"role":"user","content":[{"type":"input_file","file_url":"https://x"}]})", "",
       "file_url"},
      {R"({"role":"user","content":[{"type":"input_file","file_data":"AA"}]})", "", "file_data"},
      {R"({"role":"user","content":[{"type":"input_audio","input_audio":{}}]})", "", "audio"},
      {R"({"role":"user","content":[{"type":"input_video"}]})", "unknown_part", ""},
      {R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"})", "", ""},
      {R"({"type":"function_call_output","call_id":"c","output":"x"})", "", ""},
      {R"({"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"https://x"}]})",
       "", "image_url"},
      {R"({"type":"custom_tool_call_output","call_id":"c","output":"x"})", "", ""},
      {R"({"type":"computer_call_output","output":{"type":"computer_screenshot","image_url":"https://x"}})",
       "", "image_url"},
      {R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"})", "", ""},
      {R"({"type":"reasoning","id":"rs_1","summary":[]})", "", "stored_reasoning", {"rs_1"}},
      {R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":null})",
       "",
       "stored_reasoning",
       {"rs_1"}},
      {R"({"type":"item_reference","id":"msg_1"})", "", "item_reference", {"msg_1"}},
      {R"({"id":"msg_1"})", "", "item_reference", {"msg_1"}},
      {R"({"type":"compaction","encrypted_content":"x"})", "", "compaction"},
      {R"({"type":"image_generation_call","id":"ig_1","result":"AA"})", "",
       "image_generation_call"},
      {R"({"type":"compaction_trigger"})", "unknown_part", ""},
      {R"({"type":"web_search_call","id":"ws_1","action":{}})", "", ""},
      {R"({"type":"brand_new"})", "unknown_part", ""},
      {R"({"content":"x"})", "unknown_part", ""},
      {R"("x")", "bad_field", ""},
  };
  for (const Row& row : rows)
    check(row, read_responses(responses("", "[" + std::string(row.part) + "]")));
}

TEST(RequestContent, Messages) {
  const Row rows[] = {
      {R"({"type":"text","text":"x"})", "", ""},
      {R"({"type":"thinking","thinking":"x","signature":"s"})", "", ""},
      {R"({"type":"redacted_thinking","data":"x"})", "", ""},
      {R"({"type":"tool_use","id":"t","name":"f","input":{"a":1}})", "", ""},
      {R"({"type":"tool_result","tool_use_id":"t","content":"x"})", "", ""},
      {R"({"type":"tool_result","tool_use_id":"t"})", "", ""},
      {R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"https://x"}}]})",
       "", "image_url"},
      {R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"brand_new"}]})",
       "unknown_part", ""},
      {R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}})", "",
       ""},
      {R"({"type":"image","source":{"type":"url","url":"https://x"}})", "", "image_url"},
      {R"({"type":"image","source":{"type":"file","file_id":"file_1"}})",
       "",
       "file_id",
       {"file_1"}},
      {R"({"type":"image","source":{"type":"text","data":"x"}})", "unknown_part", ""},
      {R"({"type":"image"})", "bad_field", ""},
      {R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}})", "",
       ""},
      {R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"x"}]}})",
       "", ""},
      {R"({"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"url","url":"x"}}]}})",
       "", "image_url"},
      {R"({"type":"document","source":{"type":"base64","data":"AA"}})", "", "document"},
      {R"({"type":"document","source":{"type":"url","url":"https://x"}})", "", "document_url"},
      {R"({"type":"document","source":{"type":"file","file_id":"file_2"}})",
       "",
       "file_id",
       {"file_2"}},
      {R"({"type":"document","source":{"type":"brand_new"}})", "unknown_part", ""},
      {R"({"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]})",
       "", ""},
      {R"({"type":"document","citations":{"enabled":true},"source":{"type":"text","data":"a.b.c."}})",
       "", "citations"},
      {R"({"type":"document","citations":{"enabled":false},"source":{"type":"text","data":"x"}})",
       "", ""},
      {R"({"type":"text","text":"x","citations":[{"type":"char_location"}]})", "", ""},
      {R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})", "", ""},
      {R"({"type":"web_search_tool_result","tool_use_id":"s","content":[]})", "", ""},
      {R"({"type":"web_fetch_tool_result","tool_use_id":"s","content":{}})", "",
       "web_fetch_tool_result"},
      {R"({"type":"container_upload","file_id":"file_3"})", "unknown_part", ""},
      {R"({"type":"compaction","content":"x"})", "", "compaction"},
      {R"({"type":"video"})", "unknown_part", ""},
      {R"({})", "unknown_part", ""},
      {R"({"type":"document","source":{"Type":"url","type":"text","data":"x"}})", "bad_field", ""},
  };
  for (const Row& row : rows)
    check(row, read_messages(
                   messages("", R"([{"role":"user","content":[)" + std::string(row.part) + "]}]")));
}

TEST(RequestContent, AThreadThatGoesOnIsUnseen) {
  EXPECT_FALSE(read_messages(messages(R"(,"thread":{"type":"create"})"))->reads_unseen);
  const auto shape =
      read_messages(messages(R"(,"thread":{"type":"continue","previous_message_id":"msg_1"})"));
  EXPECT_EQ(shape->unseen_reason, "thread");
  EXPECT_THAT(shape->stored_ids, ElementsAre("msg_1"));
}

TEST(RequestContent, NamesStoredObjects) {
  const auto shape = read_responses(
      R"({"model":"gpt-5","previous_response_id":"resp_1","prompt":{"id":"pmpt_1"}})");
  ASSERT_TRUE(shape) << message_of(shape);
  EXPECT_EQ(shape->previous_response_id, "resp_1");
  EXPECT_THAT(shape->stored_ids, ElementsAre("pmpt_1"));
  EXPECT_EQ(shape->unseen_reason, "stored_prompt");
  EXPECT_EQ(code_of(read_responses(R"({"model":"gpt-5"})")), "bad_field");
}

TEST(RequestContent, Embeddings) {
  const auto tokens = [](const char* input) {
    const auto shape = read_embeddings(R"({"model":"e","input":)" + std::string(input) + "}");
    return shape ? shape->input_tokens : -1;
  };
  const std::int64_t empty = tokens("[[]]");
  EXPECT_EQ(tokens("[[1,2,30000]]"), empty + 3);
  EXPECT_EQ(tokens("[ 1 , 2 , 30000 ]"), empty + 3);
  EXPECT_EQ(tokens(R"("abc")"), empty + 5);
  EXPECT_GE(tokens(R"(["abc","def"])"), empty + 10);
  for (const char* input : {"null", "{}", "1", "[null]", "[[\"a\"]]", "[[1,\"a\"]]", "[{}]"})
    EXPECT_EQ(tokens(input), -1) << input;
  std::string many = "[\"a\"";
  for (int i = 0; i < 2047; ++i) many += ",\"a\"";
  EXPECT_GT(tokens((many + "]").c_str()), 2048);
  EXPECT_EQ(tokens((many + ",\"a\"]").c_str()), -1);
  const std::string body = R"({"input":"x","model":"e","dimensions":64})";
  const auto shape = read_embeddings(body);
  EXPECT_EQ(write_request(*shape, body, {}, "e"), body);
  EXPECT_EQ(write_request(*shape, body, {}, "f"), R"({"input":"x","model":"f","dimensions":64})");
}

}  // namespace
}  // namespace purser::providers
