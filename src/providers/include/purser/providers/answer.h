// Reads what a provider says it billed, from a JSON answer or from a stream as it passes.
//
// A meter belongs to one exchange and one thread. It trusts nothing: malformed, missing, repeated
// or negative usage is a value (`usage` stays empty, `suspicious` says why), never an assertion.
// Sources and dates of the formats: docs/METERING.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "purser/base/result.h"
#include "purser/pricing/usage.h"
#include "purser/providers/format.h"

namespace purser::providers {

struct AnswerSummary {
  std::optional<pricing::Usage> usage;  // as billed; for a stream, what its last usage says
  // That usage counts all of the answer: not one of the running counts that some servers put into
  // every chunk. A stream that was cut may have a usage that is not final.
  bool usage_is_final = false;
  bool complete = false;  // the end that the format promises was seen ([DONE], message_stop, …)
  bool provider_failed = false;  // the provider sent an error in the stream
  bool any_output = false;       // something came that may have been billed
  std::string error_body;        // the provider's error as JSON, for `bills_nothing`; may be empty
  std::string model;             // the model that answered
  std::string response_id;       // the provider's own id of the answer
  std::string suspicious;        // empty, or why the usage cannot be trusted
  std::int64_t tool_calls = 0;   // calls of client-side tools in the answer
};

// A whole JSON answer with status 200.
AnswerSummary read_answer(Format format, std::string_view body);

class StreamMeter {
 public:
  // `hide_usage`: the client did not ask for usage that we had to ask for (OpenAI chat): the extra
  // chunk and the `"usage":null` of every other chunk are taken out of what is relayed.
  StreamMeter(Format format, bool hide_usage);
  ~StreamMeter();
  StreamMeter(StreamMeter&&) noexcept;
  StreamMeter& operator=(StreamMeter&&) noexcept;

  // Takes the next bytes as they came, appends to `relay` what the client shall get. Nothing is
  // held back but the unfinished frame where usage is hidden. False: a frame passes kMaxFrameBytes.
  bool feed(std::string_view bytes, std::string& relay);
  // The upstream ended: what was held back and is whole.
  void finish(std::string& relay);
  const AnswerSummary& summary() const;

  // Called once, when the format's last event ([DONE], message_stop, response.completed, …) has
  // been read and before it is relayed: what it returns (an SSE comment with the cost) comes before
  // the end. Set it before the first `feed`; the unfinished frame is then held back.
  using BeforeEnd = std::function<std::string(const AnswerSummary&)>;
  void on_before_end(BeforeEnd before_end);

  // What has been relayed ends at the end of a frame: an event of our own can follow. Otherwise put
  // a blank line first.
  bool between_frames() const;

  static constexpr std::size_t kMaxFrameBytes = 8 * 1024 * 1024;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Did a failed answer (status other than 2xx, or an error event in a stream before any output) bill
// nothing for certain? By a table per provider; what is not listed may have billed. For an error
// in a stream or in an answer with status 200: `status` 200 and `error_body` of the summary.
bool bills_nothing(Format format, int status, std::string_view body);

// Tokens from the answer of the counting endpoint (see write_count_request).
std::optional<std::int64_t> read_counted_tokens(Format format, std::string_view body);

}  // namespace purser::providers
