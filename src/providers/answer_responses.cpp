// OpenAI's POST /v1/responses.
#include <algorithm>

#include "answer_reader.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {

bool is_client_side_call(std::string_view type) {
  return type == "function_call" || type == "custom_tool_call" || type == "local_shell_call" ||
         type == "shell_call" || type == "apply_patch_call" || type == "computer_call";
}

// Opening a page and finding in it cost tokens only; a search is billed by the call, whether or not
// it succeeded. An action that is not said counts as a search.
bool is_billed_search(const dom::object& item) {
  const auto action = object_of(item, "action");
  if (!action) return true;
  const std::string_view type = text_of(*action, "type");
  return type != "open_page" && type != "find_in_page" && type != "find";
}

}  // namespace

void ResponsesReader::note_item(const dom::object& item, std::int64_t& searches,
                                std::int64_t& calls) {
  const std::string_view type = text_of(item, "type");
  if (type == "web_search_call" && is_billed_search(item)) ++searches;
  if (is_client_side_call(type)) ++calls;
}

void ResponsesReader::read_response(const dom::object& response, AnswerSummary& summary) {
  note_identity(response, summary);
  if (has_value(response, "error")) {
    const auto error = response.at_key("error");
    note_error("{\"error\":" + simdjson::minify(error.value_unsafe()) + "}", summary);
  }
  const std::string_view status = text_of(response, "status");
  if (status == "failed") note_error({}, summary);
  // Compatible servers may leave the status out; what is still running is no end.
  summary.complete = status != "in_progress" && status != "queued";

  std::int64_t searches = 0;
  std::int64_t calls = 0;
  if (const auto output = array_of(response, "output")) {
    for (const dom::element element : *output) {
      summary.any_output = true;
      dom::object item;
      if (element.get_object().get(item) == simdjson::SUCCESS) note_item(item, searches, calls);
    }
  }
  summary.tool_calls = std::max(calls, calls_seen_);
  if (std::string doubt = usage_ambiguity(response); !doubt.empty()) {
    track_.see(UsageReading{std::nullopt, std::move(doubt)});
  } else if (const auto usage = object_of(response, "usage")) {
    track_.see(read_responses_usage(*usage));
  }
  summary.usage = track_.usage();
  summary.suspicious = track_.suspicious();
  summary.usage_is_final = summary.usage && summary.complete;
  if (summary.usage) {
    summary.usage->service_tier = service_tier_name(text_of(response, "service_tier"));
    (*summary.usage)[pricing::Fee::web_search] = std::max(searches, searches_seen_);
  }
}

void ResponsesReader::read_event(std::string_view type, const dom::object& event,
                                 AnswerSummary& summary) {
  if (type == "response.completed" || type == "response.incomplete" || type == "response.failed" ||
      type == "response.cancelled") {
    if (type == "response.failed") note_error({}, summary);
    if (const auto response = object_of(event, "response")) read_response(*response, summary);
    summary.complete = true;
  } else if (type == "response.created" || type == "response.in_progress" ||
             type == "response.queued") {
    if (const auto response = object_of(event, "response")) note_identity(*response, summary);
  } else if (type == "response.output_item.done") {
    summary.any_output = true;
    if (const auto item = object_of(event, "item")) note_item(*item, searches_seen_, calls_seen_);
    summary.tool_calls = calls_seen_;
  } else {
    summary.any_output = true;
  }
}

}  // namespace purser::providers
