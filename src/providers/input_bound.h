// The class-1 bound of a prompt (DESIGN, "The bound"): bytes, overheads, and the marks after each
// leading part by which a later request is recognised as a continuation.
//
// A byte-level BPE makes at most one token of a byte, and the JSON text of a string is at least as
// long as the string itself (an escape is longer than what it stands for), so the bytes of the JSON
// without white space between tokens bound the tokens of what it says. Overheads: docs/METERING.md.
#pragma once

#include <cstdint>

#include "json_document.h"
#include "prefix_digest.h"
#include "request_reader.h"

namespace purser::providers {

inline constexpr std::int64_t kRequestTokens = 64;        // what a provider puts around a request
inline constexpr std::int64_t kMessageTokens = 16;        // around a message, item or block
inline constexpr std::int64_t kToolTokens = 32;           // around a tool's definition
inline constexpr std::int64_t kToolPromptTokens = 1'024;  // Anthropic's system prompt for tools
inline constexpr std::int64_t kTypedToolTokens = 2'048;   // a tool that Anthropic describes itself

// JSON that the provider writes anew into its prompt: a non-ASCII character may become an escape
// (three bytes for each of its own) and every comma and colon may get a space.
std::int64_t json_tokens(const Value& value);

class InputBound {
 public:
  explicit InputBound(Reading& reading) : reading_(reading) {}

  // All top-level members that reach the model but the messages: the first mark.
  void add_head();
  // The next message; what was read of it stands in the reading. `after` messages follow.
  void add_message(const Value& message, std::int64_t json_extra, std::size_t after);
  // Anthropic's short form `"content": "…"` is its array of one text block.
  void canonical_content(bool canonical) { canonical_content_ = canonical; }
  // Sets the shape's input tokens and marks.
  void finish();

  static constexpr std::size_t kMostMarks = 64;

 private:
  void mark();

  Reading& reading_;
  PrefixDigest digest_;
  std::int64_t tokens_ = 0;
  bool canonical_content_ = false;
};

}  // namespace purser::providers
