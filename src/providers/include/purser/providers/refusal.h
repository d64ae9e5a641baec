// Purser's own refusals and failures in the shape that each provider's clients understand, and how
// a client that takes a 402 badly is told instead (a table of clients; see CLIENTS in
// docs/METERING.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "purser/providers/format.h"

namespace purser::providers {

// The members of a JSON object, written as they come.
class JsonMembers {
 public:
  void add(std::string_view name, std::string_view json);
  void add_text(std::string_view name, std::string_view text);  // as a string
  const std::string& text() const { return text_; }             // "name":value,…
  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view name);
  std::string text_;
};

struct Refusal {
  int status = 402;
  std::string code;     // "budget_exceeded", "stopped", "no_cap", "no_price", "holds_in_the_way",
                        // "bad_json", …
  std::string message;  // first 120 characters: who, how much, when
  std::optional<std::int64_t> retry_after_seconds;
  bool should_retry = false;  // false: `x-should-retry: false` is sent
  bool for_spend = false;     // a cap refused: budget forms (insufficient_quota, billing_error)
  std::optional<std::int64_t> resets_at_epoch_seconds;
  std::string scope;    // of what refused for spend: "team"; empty: no cap and no stop did
  JsonMembers details;  // of the `purser` object
};

struct WireRefusal {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  // content-type among them
  std::string body;
};

// What is known of the client, for the table of clients.
struct ClientHints {
  std::string user_agent;
  std::string originator;
  std::optional<int> refusal_status;  // the key's setting; overrides the table
};

WireRefusal write_refusal(Format format, const Refusal& refusal, const ClientHints& hints);

// The event that makes this format's SDK throw in mid-stream.
std::string write_stream_error(Format format, std::string_view code, std::string_view message);

// The same sentence as a plain error where no format is known yet (an unserved path): OpenAI's
// shape.
WireRefusal write_plain_refusal(const Refusal& refusal);

}  // namespace purser::providers
