#include "purser/providers/answer.h"

#include <simdjson.h>

#include "answer_reader.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {

// What a thread's parser may keep between answers.
constexpr std::size_t kKeptParserBytes = 4 * 1024 * 1024;

// A thread's parser, so that its buffers are made once; one answer at a time.
class ThreadParser {
 public:
  ~ThreadParser() {
    if (shared().capacity() > kKeptParserBytes) shared() = dom::parser();
  }
  dom::parser& operator*() { return shared(); }

 private:
  static dom::parser& shared() {
    thread_local dom::parser parser;
    return parser;
  }
};

// Refuses what is no JSON object. The parser keeps what it hands out.
std::optional<dom::object> parse_object(dom::parser& parser, std::string_view json) {
  dom::object object;
  if (parser.parse(json.data(), json.size()).get_object().get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return object;
}

// An answer that is an error, though its status said 200 (OpenRouter and proxies do that).
bool is_error_answer(Format format, const dom::object& answer) {
  if (is_anthropic(format)) return text_of(answer, "type") == "error";
  return has_value(answer, "error") && !has_value(answer, "choices") &&
         !has_value(answer, "output") && !has_value(answer, "data");
}

}  // namespace

AnswerSummary read_answer(Format format, std::string_view body) {
  AnswerSummary summary;
  ThreadParser parser;
  const auto answer = parse_object(*parser, body);
  if (!answer) {
    summary.suspicious = "the answer is no JSON object";
    return summary;
  }
  if (is_error_answer(format, *answer)) {
    note_error(body, summary);
    return summary;
  }
  switch (format) {
    case Format::openai_chat:
      ChatReader().read_answer(*answer, summary);
      break;
    case Format::openai_responses:
      ResponsesReader().read_response(*answer, summary);
      break;
    case Format::openai_embeddings:
      read_embeddings(*answer, summary);
      break;
    case Format::anthropic_messages:
      MessagesReader().read_message(*answer, summary);
      break;
    case Format::anthropic_count_tokens:  // free
      summary.usage = pricing::Usage{};
      summary.usage_is_final = true;
      summary.complete = has_value(*answer, "input_tokens");
      break;
  }
  return summary;
}

std::optional<std::int64_t> read_counted_tokens(Format, std::string_view body) {
  // Anthropic /v1/messages/count_tokens and OpenAI /v1/responses/input_tokens name it alike.
  ThreadParser parser;
  const auto answer = parse_object(*parser, body);
  if (!answer) return std::nullopt;
  std::string suspicious;
  return CountReader(suspicious).read(*answer, "input_tokens");
}

}  // namespace purser::providers
