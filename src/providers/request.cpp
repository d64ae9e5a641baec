#include "purser/providers/request.h"

#include <algorithm>

#include "edit_plan.h"
#include "json_document.h"
#include "json_text.h"
#include "purser/base/check.h"
#include "request_reader.h"

namespace purser::providers {
namespace {

// What the counting endpoints take, beside the model.
constexpr std::string_view kAnthropicCounted[] = {
    "messages", "system",        "tools",         "tool_choice",
    "thinking", "output_config", "cache_control", "context_management"};
constexpr std::string_view kResponsesCounted[] = {
    "input",      "instructions", "tools",      "tool_choice",          "text",
    "image",      "reasoning",    "truncation", "previous_response_id", "parallel_tool_calls",
    "personality"};

template <std::size_t N>
bool in(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

void note_counted_members(Reading& reading) {
  for (const Value member : reading.root) {
    const bool counted =
        (reading.shape.format == Format::anthropic_messages &&
         in(kAnthropicCounted, member.key())) ||
        (reading.shape.format == Format::openai_responses && in(kResponsesCounted, member.key()));
    if (counted) reading.plan.counted_members.push_back(member.item_span());
    // Its schema would be missing from the count.
    if (member.key() == "output_format" && !member.is_null()) {
      reading.plan.counted_members.clear();
      return;
    }
  }
}

Result<void> read_format(Reading& reading) {
  switch (reading.shape.format) {
    case Format::openai_chat:
      return read_chat(reading);
    case Format::openai_responses:
      return read_responses(reading);
    case Format::openai_embeddings:
      return read_embeddings(reading);
    case Format::anthropic_messages:
      return read_messages(reading);
    case Format::anthropic_count_tokens:
      return {};
  }
  return {};
}

bool applies(const Edit& edit, const RequestShape& shape, const Form& form,
             std::string_view upstream_model) {
  switch (edit.what) {
    case Edit::What::model:
      return upstream_model != shape.model;
    case Edit::What::output_limit:
      return form.output_limit_tokens.has_value();
    case Edit::What::web_search_calls:
      return form.web_search_calls > 0;
    case Edit::What::always:
      return true;
    case Edit::What::no_web_search:
      return form.web_search_calls <= 0;
  }
  return false;
}

void append_value(std::string& out, const Edit& edit, const RequestShape& shape, const Form& form,
                  std::string_view upstream_model) {
  out += edit.before;
  if (edit.what == Edit::What::model) {
    append_quoted(out, upstream_model);
  } else if (edit.what == Edit::What::output_limit) {
    out += std::to_string(*form.output_limit_tokens);
  } else if (edit.what == Edit::What::web_search_calls) {
    out += std::to_string(std::min(form.web_search_calls, shape.web_search_calls));
  } else {
    out += edit.text;
  }
  out += edit.after;
}

}  // namespace

std::int64_t smallest_output_limit_tokens(const RequestShape& shape,
                                          std::int64_t full_limit_tokens) {
  constexpr std::int64_t kLeast = 1'024;
  constexpr std::int64_t kLeastWithSchema = 4'096;
  std::int64_t least = shape.has_schema ? kLeastWithSchema : kLeast;
  if (shape.thinking_budget_tokens) least = std::max(least, *shape.thinking_budget_tokens + kLeast);
  return std::min(least, full_limit_tokens);
}

Result<RequestShape> read_request(Format format, Dialect dialect, std::string_view body,
                                  const RequestHeaders& headers) {
  Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document) return document.error();
  if (!document->root().is_object())
    return Error{"bad_json",
                 "The request's body is JSON, but not an object. Send one JSON object."};
  Reading reading{.root = document->root(), .body = body, .headers = headers};
  reading.shape.format = format;
  reading.shape.dialect = dialect;
  if (format != Format::anthropic_count_tokens) PURSER_TRY(check_fields(reading));
  PURSER_TRY(read_model(reading));
  PURSER_TRY(read_format(reading));
  note_counted_members(reading);
  for (const std::string& beta : headers.anthropic_betas) {
    if (!is_listed_beta(beta)) reading.shape.unlisted_betas.push_back(beta);
  }
  std::stable_sort(reading.plan.edits.begin(), reading.plan.edits.end(),
                   [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
  reading.shape.plan = std::make_shared<const EditPlan>(std::move(reading.plan));
  return std::move(reading.shape);
}

std::string write_request(const RequestShape& shape, std::string_view body, const Form& form,
                          std::string_view upstream_model) {
  PURSER_ASSERT(shape.plan != nullptr);
  std::string out;
  out.reserve(body.size() + 256);
  std::size_t at = 0;
  for (const Edit& edit : shape.plan->edits) {
    if (!applies(edit, shape, form, upstream_model)) continue;
    if (edit.span.begin < at) continue;  // inside of what was cut
    PURSER_ASSERT(edit.span.end <= body.size());
    out += body.substr(at, edit.span.begin - at);
    append_value(out, edit, shape, form, upstream_model);
    at = edit.span.end;
  }
  out += body.substr(at);
  return out;
}

std::string write_count_request(const RequestShape& shape, std::string_view body,
                                std::string_view upstream_model) {
  PURSER_ASSERT(shape.plan != nullptr);
  if (shape.plan->counted_members.empty()) return {};
  std::string out = "{\"model\":";
  append_quoted(out, upstream_model);
  for (const Span member : shape.plan->counted_members) {
    out.push_back(',');
    out += body.substr(member.begin, member.end - member.begin);
  }
  out.push_back('}');
  return out;
}

}  // namespace purser::providers
