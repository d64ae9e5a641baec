#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "answer_reader.h"
#include "json_member.h"
#include "purser/providers/answer.h"
#include "sse.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

struct StreamMeter::State {
  State(Format the_format, bool the_hide)
      : format(the_format),
        hide_usage(the_hide && the_format == Format::openai_chat),
        splitter(kMaxFrameBytes) {}

  bool holds_back() const { return hide_usage || before_end != nullptr; }
  void take_frame(const SseFrame& frame, std::string& relay);
  // The frame's object, where it had to be parsed; it stands until the next frame.
  std::optional<dom::object> read_frame(const SseFrame& frame);
  void read_object(const SseFrame& frame, const dom::object& event);
  bool worth_parsing(std::string_view data) const;
  bool hide_from(const SseFrame& frame, const dom::object& chunk, std::string& relay);
  void note_last_event(bool was_complete, std::string& relay);

  Format format;
  bool hide_usage;
  BeforeEnd before_end;
  SseSplitter splitter;
  dom::parser parser;
  AnswerSummary summary;
  ChatReader chat;
  ResponsesReader responses;
  MessagesReader messages;
  bool first_read = false;   // the first event has been parsed
  bool relayed_last = true;  // the last frame reached the client
  bool frame_too_long = false;
  bool ended_mid_frame = false;  // the stream's last frame had no blank line
};

// Most frames carry a piece of text and nothing that a meter needs; only the others are parsed. A
// text that mentions one of these words costs a parse and nothing else.
bool StreamMeter::State::worth_parsing(std::string_view data) const {
  if (!first_read) return true;
  switch (format) {
    case Format::openai_chat:
      return contains(data, "\"usage\"") || contains(data, "\"error\"") ||
             contains(data, "\"tool_calls\"") || contains(data, "\"finish_reason\":\"") ||
             contains(data, "\"finish_reason\": \"");
    case Format::openai_responses:
      return !contains(data.substr(0, 64), ".delta\"");
    case Format::anthropic_messages:
      return !contains(data.substr(0, 64), "\"content_block_delta\"");
    default:
      return true;
  }
}

void StreamMeter::State::read_object(const SseFrame& frame, const dom::object& event) {
  std::string_view type = text_of(event, "type");
  if (type.empty()) type = frame.event;
  if (format == Format::openai_chat) {
    if (has_value(event, "error")) return note_error(frame.data, summary);
    return chat.read_chunk(event, summary);
  }
  if (type == "error" || (type.empty() && has_value(event, "error"))) {
    return note_error(frame.data, summary);
  }
  if (format == Format::openai_responses) return responses.read_event(type, event, summary);
  if (format == Format::anthropic_messages) return messages.read_event(type, event, summary);
}

std::optional<dom::object> StreamMeter::State::read_frame(const SseFrame& frame) {
  if (!frame.has_data || frame.data.empty()) return std::nullopt;
  if (frame.data.starts_with("[DONE]")) {  // as the SDKs test it
    if (format == Format::openai_chat) summary.complete = true;
    return std::nullopt;
  }
  if (!worth_parsing(frame.data)) {
    summary.any_output = true;
    return std::nullopt;
  }
  dom::object event;
  if (parser.parse(frame.data.data(), frame.data.size()).get_object().get(event) !=
      simdjson::SUCCESS) {
    return std::nullopt;
  }
  first_read = true;
  read_object(frame, event);
  return event;
}

// Appends the frame without what the client did not ask for. False: nothing is to be hidden in it.
// (A frame that mentions usage is always parsed; see worth_parsing.)
bool StreamMeter::State::hide_from(const SseFrame& frame, const dom::object& chunk,
                                   std::string& relay) {
  if (chunk.at_key("usage").error() != simdjson::SUCCESS) return false;
  const auto choices = array_of(chunk, "choices");
  if (choices && choices->size() == 0 && has_value(chunk, "usage")) return true;  // the extra chunk

  // Copies the frame but for the spans, which lie in the joined data; where the data has several
  // lines, a span is cut out of each line that it touches.
  const std::vector<TextSpan> spans = spans_of_member(frame.data, "usage");
  std::size_t copied = 0;
  for (const SseDataLine& line : frame.lines) {
    for (const TextSpan& span : spans) {
      const std::size_t begin = std::max(span.begin, line.data_begin);
      const std::size_t end = std::min(span.end, line.data_begin + line.length);
      if (begin >= end) continue;
      const std::size_t raw_begin = line.raw_begin + (begin - line.data_begin);
      relay.append(frame.raw.substr(copied, raw_begin - copied));
      copied = raw_begin + (end - begin);
      relayed_last = true;
    }
  }
  relay.append(frame.raw.substr(copied));
  relayed_last = true;
  return true;
}

void StreamMeter::State::note_last_event(bool was_complete, std::string& relay) {
  if (was_complete || !summary.complete || !before_end) return;
  relay.append(before_end(summary));
}

void StreamMeter::State::take_frame(const SseFrame& frame, std::string& relay) {
  const bool was_complete = summary.complete;
  const std::optional<dom::object> chunk = read_frame(frame);
  if (!holds_back()) return;  // relayed as it came
  note_last_event(was_complete, relay);
  relayed_last = false;
  if (hide_usage && chunk && hide_from(frame, *chunk, relay)) return;
  relay.append(frame.raw);
  relayed_last = true;
}

StreamMeter::StreamMeter(Format format, bool hide_usage)
    : state_(std::make_unique<State>(format, hide_usage)) {}
StreamMeter::~StreamMeter() = default;
StreamMeter::StreamMeter(StreamMeter&&) noexcept = default;
StreamMeter& StreamMeter::operator=(StreamMeter&&) noexcept = default;

void StreamMeter::on_before_end(BeforeEnd before_end) {
  state_->before_end = std::move(before_end);
}

bool StreamMeter::feed(std::string_view bytes, std::string& relay) {
  State& state = *state_;
  if (state.frame_too_long) return false;
  if (!state.holds_back()) relay.append(bytes);
  const bool fits = state.splitter.feed(
      bytes, [&](const SseFrame& frame) { state.take_frame(frame, relay); },
      [&](std::string_view tail) {
        if (state.holds_back() && state.relayed_last) relay.append(tail);
      });
  state.frame_too_long = !fits;
  return fits;
}

void StreamMeter::finish(std::string& relay) {
  State& state = *state_;
  if (state.frame_too_long || state.splitter.at_frame_start()) return;
  const SseFrame& frame = state.splitter.decode_pending();
  // Some servers leave the last blank line out. A frame that was cut off is of no use to anyone,
  // and what it would have said of usage must not leak; where nothing is held back it has gone.
  const bool is_done = frame.data.starts_with("[DONE]");
  const bool is_whole =
      !frame.has_data || is_done ||
      state.parser.parse(frame.data.data(), frame.data.size()).error() == simdjson::SUCCESS;
  if (!is_whole) return;
  state.take_frame(frame, relay);
  state.ended_mid_frame = state.relayed_last;
}

bool StreamMeter::between_frames() const {
  if (state_->holds_back()) return !state_->ended_mid_frame;
  return state_->splitter.at_frame_start();
}

const AnswerSummary& StreamMeter::summary() const { return state_->summary; }

}  // namespace purser::providers
