// JSON requests: what was admitted can be written, and what is written reads back with our limits.
#include "purser/providers/request.h"
#include "targets.h"

namespace purser::fuzz {
using namespace providers;

namespace {

void check(Format format, Dialect dialect, std::string_view bytes) {
  const Result<RequestShape> shape = read_request(format, dialect, bytes, {});
  if (!shape) {
    PURSER_HOLDS(!shape.error().code.empty() && !shape.error().message.empty());
    return;
  }
  PURSER_HOLDS(shape->input_tokens >= 0 && shape->choices >= 1 && shape->web_search_calls >= 0);
  PURSER_HOLDS(!shape->output_limit_tokens || *shape->output_limit_tokens >= 0);
  for (std::size_t i = 1; i < shape->prefixes.size(); ++i) {
    PURSER_HOLDS(shape->prefixes[i - 1].input_tokens <= shape->prefixes[i].input_tokens);
  }
  Form form;
  form.web_search_calls = shape->web_search_calls;
  const bool limited = format != Format::openai_embeddings;
  if (limited) form.output_limit_tokens = shape->output_limit_tokens.value_or(77);
  const std::string written = write_request(*shape, bytes, form, "written-model");
  const Result<RequestShape> again = read_request(format, dialect, written, {});
  PURSER_HOLDS(again);
  PURSER_HOLDS(again->model == "written-model");
  PURSER_HOLDS(again->stream == shape->stream && again->choices == shape->choices);
  PURSER_HOLDS(again->output_limit_tokens == form.output_limit_tokens);
  PURSER_HOLDS(again->has_web_search == shape->has_web_search ||
               (shape->has_web_search && form.web_search_calls == 0));
}

}  // namespace

void request_chat(std::string_view bytes) {
  check(Format::openai_chat, Dialect::openai, bytes);
  check(Format::openai_chat, Dialect::compatible, bytes);
}
void request_responses(std::string_view bytes) {
  check(Format::openai_responses, Dialect::openai, bytes);
}
void request_embeddings(std::string_view bytes) {
  check(Format::openai_embeddings, Dialect::openai, bytes);
}
void request_messages(std::string_view bytes) {
  check(Format::anthropic_messages, Dialect::anthropic, bytes);
}

}  // namespace purser::fuzz
