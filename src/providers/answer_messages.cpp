// Anthropic's POST /v1/messages.
#include "answer_reader.h"

namespace purser::providers {
namespace dom = simdjson::dom;

void MessagesReader::note_usage(const dom::object& holder, AnswerSummary& summary) {
  if (std::string doubt = usage_ambiguity(holder); !doubt.empty()) {
    usage_.distrust(std::move(doubt));
  } else if (const auto usage = object_of(holder, "usage")) {
    usage_.see(*usage);
  }
  UsageReading reading = usage_.reading();
  summary.usage = std::move(reading.usage);
  summary.suspicious = std::move(reading.suspicious);
}

void MessagesReader::read_message(const dom::object& message, AnswerSummary& summary) {
  note_identity(message, summary);
  note_usage(message, summary);
  summary.usage_is_final = summary.usage.has_value();
  if (const auto content = array_of(message, "content")) {
    summary.complete = true;
    summary.any_output = true;
    for (const dom::element element : *content) {
      dom::object block;
      if (element.get_object().get(block) == simdjson::SUCCESS &&
          text_of(block, "type") == "tool_use") {
        ++summary.tool_calls;
      }
    }
  }
}

void MessagesReader::read_event(std::string_view type, const dom::object& event,
                                AnswerSummary& summary) {
  if (type == "ping") return;
  // From message_start on, the input has been read and billed.
  summary.any_output = true;
  if (type == "message_start") {
    if (const auto message = object_of(event, "message")) {
      note_identity(*message, summary);
      note_usage(*message, summary);
    }
  } else if (type == "message_delta") {
    output_counted_ = output_counted_ || object_of(event, "usage");
    note_usage(event, summary);
    const auto delta = object_of(event, "delta");
    if (delta && has_value(*delta, "stop_reason"))
      summary.usage_is_final = output_counted_ && summary.usage.has_value();
  } else if (type == "message_stop") {
    summary.complete = true;
    // What message_start says of output is what stood there when it began.
    if (!output_counted_) {
      usage_.distrust("no message_delta says what the output was");
      note_usage(event, summary);
    }
  } else if (type == "content_block_start") {
    const auto block = object_of(event, "content_block");
    if (block && text_of(*block, "type") == "tool_use") ++summary.tool_calls;
  }
}

}  // namespace purser::providers
