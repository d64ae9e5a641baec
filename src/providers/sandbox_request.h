// What the sandbox needs to know of a request, the same for every format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/result.h"
#include "purser/providers/format.h"

namespace purser::providers {

struct SandboxTool {
  std::string name;
  bool is_freeform = false;  // OpenAI's `custom`: takes text, not JSON
  std::string schema_json;   // of its arguments
};

struct SandboxRequest {
  enum class ToolChoice { none, automatic, required };

  Format format{};
  std::string model;
  bool stream = false;
  bool include_usage = false;  // chat streams
  std::optional<std::int64_t> output_limit_tokens;
  std::int64_t choices = 1;
  std::vector<std::string> stops;

  std::string asked;             // the last user text
  std::string tool_result;       // of the tool that was called last
  bool has_tool_result = false;  // the last turn is a tool's result
  bool has_history = false;      // an earlier turn of the assistant
  bool writes_cache = false;     // Anthropic: cache_control is in it
  bool writes_cache_1h = false;  // … with a ttl of an hour

  std::vector<SandboxTool> tools;
  ToolChoice tool_choice = ToolChoice::automatic;
  std::string chosen_tool;  // a tool_choice that names one

  bool wants_json = false;  // a JSON object, or a value of the schema
  std::string schema_json;  // empty: any object

  std::int64_t input_tokens = 0;  // about a quarter of the text's bytes
  std::string previous_response_id;

  // Embeddings: the tokens of each input.
  std::vector<std::int64_t> embedding_input_tokens;
  std::int64_t dimensions = 0;
  bool base64 = false;
};

// Errors: `bad_request`, with the sentence for the provider's error.
Result<SandboxRequest> read_sandbox_request(Format format, std::string_view body);

}  // namespace purser::providers
