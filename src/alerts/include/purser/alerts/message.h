// What is said to people and machines about one event, or about several that one command caused.
// Composed once, kept as JSON, and rendered by each channel in its own form. Plain text throughout:
// a channel escapes for itself. Values; no threading rule.
#pragma once

#include <string>
#include <vector>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/base/result.h"

namespace purser::alerts {

enum class Severity : std::uint8_t { info, warning, critical };
std::string_view name(Severity severity);  // "critical", …: as PagerDuty has it too

struct Fact {
  std::string label;  // "Spent"
  std::string value;  // "USD 412.10 of 500.00 (82 %)"
};

// Who consumed what, the largest first.
struct Breakdown {
  std::string title;  // "By user"
  struct Part {
    std::string name;
    std::string amount;  // "USD 120.00"
    int percent = 0;     // of the whole
  };
  std::vector<Part> parts;
};

enum class LinkFor : std::uint8_t { anybody, admins, others };

struct Link {
  std::string text;  // "Raise the cap"
  std::string url;
  LinkFor whom = LinkFor::anybody;  // a mail shows those for its reader alone
};

struct Message {
  Id id;             // stable: a delivery that is repeated carries the same
  std::string type;  // of its first event: "cap.threshold"
  Instant at;        // when it happened
  Severity severity = Severity::info;
  std::string title;                    // one line
  std::vector<std::string> paragraphs;  // whole sentences
  std::vector<Fact> facts;
  std::vector<Breakdown> breakdowns;
  std::vector<Link> links;  // the first is the one to press
  std::string data;         // a JSON object: the facts for machines
  // Of a pause, or of its end: names the pause, the same for both.
  std::string pause_key;
  bool pause_ended = false;
};

std::string to_json(const Message& message);
// Error: bad_message.
Result<Message> read_message(std::string_view json);

}  // namespace purser::alerts
