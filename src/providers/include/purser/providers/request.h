// What a client's request can cost, read from its body; and the body that goes upstream instead.
//
// `read_request` is strict: duplicate keys, wrong types of metered fields, and what changes the
// bill without being admitted (see docs/METERING.md for the tables) are refused with a code and a
// sentence. Everything else passes unread. Pure functions; thread-safe. Tokens are counts; bytes
// are UTF-8 bytes.
//
//   Result<RequestShape> shape = read_request(Format::openai_chat, Dialect::openai, body, {});
//   std::string upstream = write_request(*shape, body, Form{.output_limit_tokens = 1200});
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/result.h"
#include "purser/providers/format.h"

namespace purser::providers {

// The request as cut at the end of one leading part (tools + system, then each message): two
// requests with equal digests have equal model, tools, system and messages up to there.
struct PrefixMark {
  std::array<std::uint64_t, 2> digest{};
  std::int64_t input_tokens = 0;  // class-1 bound of the part before this mark
  bool operator==(const PrefixMark&) const = default;
};

struct EditPlan;  // private: where in the body the metered fields lie

struct RequestShape {
  Format format{};
  Dialect dialect{};
  std::string model;  // as the client wrote it, unescaped
  bool stream = false;
  bool client_asked_usage = false;  // chat streams: stream_options.include_usage was true

  // Input. Class 1: `input_tokens` bounds it. Class 2 (`reads_unseen`): the whole context window.
  std::int64_t input_tokens = 0;
  bool reads_unseen = false;
  std::string unseen_reason;  // "image_url", "file_id", …: for `explain`
  std::optional<std::string>
      previous_response_id;             // an earlier response; the caller checks whose it is
  std::vector<std::string> stored_ids;  // ids of other stored objects the request names
  std::vector<PrefixMark> prefixes;     // ascending; the last covers the whole input
  bool may_write_cache_5m = false;
  bool may_write_cache_1h = false;
  bool has_audio_input = false;
  bool has_audio_output = false;

  // Hosted tools: web search. Class 3. The calls that the client allowed (5 where it set no limit).
  bool has_web_search = false;
  std::int64_t web_search_calls = 0;
  // A `tool_choice` that names a hosted tool: without the tool the request makes no sense.
  bool requires_web_search = false;

  // Output.
  std::optional<std::int64_t> output_limit_tokens;  // as asked; absent: the model's own maximum
  std::int64_t choices = 1;                         // n
  std::optional<std::int64_t> thinking_budget_tokens;
  bool has_schema = false;  // structured output: cutting it short breaks it

  // Kept for attribution: OpenAI's `user`, Anthropic's metadata.user_id, OpenAI's `metadata` as
  // JSON.
  std::string end_user;
  std::string metadata_json;

  // Values of `anthropic-beta` that the table of those without effect on the price does not list:
  // they pass, are counted, and are named once in the audit.
  std::vector<std::string> unlisted_betas;

  std::shared_ptr<const EditPlan> plan;
};

// What was decided: what goes upstream.
struct Form {
  // Absent: the format has none to write (embeddings, count_tokens).
  std::optional<std::int64_t> output_limit_tokens;
  // Written as the provider's own limit; 0 takes the hosted tools out.
  std::int64_t web_search_calls = 0;
};

// The least output limit of the request's smallest acceptable form (DESIGN, "Words"), where the
// output limit in force without clamping is `full_limit_tokens`.
std::int64_t smallest_output_limit_tokens(const RequestShape& shape,
                                          std::int64_t full_limit_tokens);

struct RequestHeaders {
  std::vector<std::string>
      anthropic_betas;  // each value of `anthropic-beta`, split at commas, trimmed
};

// Errors (side client): bad_json, duplicate_key, bad_field, unknown_tool, refused_field, …
Result<RequestShape> read_request(Format format, Dialect dialect, std::string_view body,
                                  const RequestHeaders& headers);

// The client's bytes with the metered fields replaced by ours: model (`upstream_model`), output
// limit, n, calls of hosted tools, service tier, stream_options. All other bytes stay as they came.
std::string write_request(const RequestShape& shape, std::string_view body, const Form& form,
                          std::string_view upstream_model);

// The body of the provider's free counting endpoint for this request, where it has one (Anthropic
// count_tokens; OpenAI /v1/responses/input_tokens for responses); empty where it has none.
std::string write_count_request(const RequestShape& shape, std::string_view body,
                                std::string_view upstream_model);

}  // namespace purser::providers
