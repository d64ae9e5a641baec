// What the readers of all formats share: the state of one reading, refusals in one voice, and the
// fields whose rules do not depend on the format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edit_plan.h"
#include "json_document.h"
#include "prefix_digest.h"
#include "purser/providers/request.h"
#include "request_tables.h"

// Hands an error to the caller.
#define PURSER_TRY(expression)                                        \
  do {                                                                \
    if (auto tried = (expression); !tried.ok()) return tried.error(); \
  } while (false)

namespace purser::providers {

// One reading of one body.
struct Reading {
  RequestShape shape{};
  EditPlan plan{};
  Value root;
  std::string_view body;
  const RequestHeaders& headers;

  // Media whose bytes are not what the model reads: taken out of, and put into, the count of the
  // message that is being read.
  std::int64_t media_bytes = 0;
  std::int64_t media_tokens = 0;
  // What tools add to the input beyond their own bytes.
  std::int64_t tool_tokens = 0;
  // Bytes of markers (cache_control) in what is being read: they are no part of the prompt, and
  // they move from message to message between turns, so digests are made without them.
  std::vector<Span> marker_cuts{};
  // Some option makes the provider read other parts of a prefix than an earlier request did.
  bool prefixes_hold = true;
};

Error bad_field(std::string_view path, std::string_view wanted);
Error refused_field(std::string_view path, std::string_view reason);

// The whole number that a JSON number stands for ("1e3" and "100.0" are whole; Python's Pydantic
// reads them so): 1 to `most`. Anything else: bad_field.
Result<std::int64_t> read_count(const Value& value, std::string_view path, std::int64_t most);
inline constexpr std::int64_t kMostTokens = 2'147'483'647;
inline constexpr std::int64_t kMostChoices = 128;
inline constexpr std::int64_t kMostCalls = 1'000;
inline constexpr std::int64_t kCallsWhereNoneAsked = 5;

// A member that is there and not null.
std::optional<Value> present(const Value& object, std::string_view key);

// Refuses a key that differs from one of the names only as a lenient reader would overlook (Go's
// encoding/json takes "Max_Tokens" and "maxtoKens" for the same field).
Result<void> check_spelling(const Value& object, std::string_view path,
                            std::initializer_list<std::string_view> names);

// Every top-level member against its format's table.
Result<void> check_fields(const Reading& reading);

Result<void> read_model(Reading& reading);
Result<void> read_stream(Reading& reading);
// Writes `standard` where the field is absent, null or one of the standard tier's names.
Result<void> read_service_tier(Reading& reading, std::string_view standard);
// `user`, `safety_identifier`, `metadata` of OpenAI's formats.
void read_attribution(Reading& reading);
Result<void> read_moderation(const Reading& reading);
Result<void> read_prompt_cache_options(const Reading& reading);

// An output limit under one of these keys; the least where several are given, and each of those is
// written. Absent: `written_where_absent` is put in.
Result<void> read_output_limit(Reading& reading, std::initializer_list<std::string_view> keys,
                               std::string_view written_where_absent);

// The cut that takes the one member out of its object, for a digest without it.
void cut_marker(Reading& reading, const Value& object, std::string_view key);
// Anthropic's `cache_control` of a block, a tool or the request.
Result<void> read_cache_control(Reading& reading, const Value& holder, std::string_view path);
// OpenAI's `prompt_cache_breakpoint` of a part.
Result<void> read_cache_breakpoint(Reading& reading, const Value& holder, std::string_view path);

// A part of a message's content, an item of a Responses input, or a whole content (a text, or an
// array of parts). Errors: unknown_part, bad_field, refused_field, refused_tool.
Result<void> read_part(Reading& reading, const Value& part, const std::string& path);
Result<void> read_content(Reading& reading, const Value& content, const std::string& path);

// The request reads what cannot be seen here: its input is the whole context window.
void reads_unseen(Reading& reading, std::string_view reason);

// Definitions of tools inside messages: client-side ones only.
Result<void> read_inline_tool(Reading& reading, const Value& tool, const std::string& path);
// The request's own `tools`. Hosted ones are admitted with a limit on calls, which is written.
Result<void> read_tools(Reading& reading);

// The document of each format (the root is an object, its fields are checked, the model is read).
Result<void> read_chat(Reading& reading);
Result<void> read_responses(Reading& reading);
Result<void> read_embeddings(Reading& reading);
Result<void> read_messages(Reading& reading);

}  // namespace purser::providers
