#include "request_tables.h"

#include <algorithm>
#include <array>

namespace purser::providers {
namespace {

using enum FieldUse;

constexpr std::string_view kPredictionReason =
    "tokens of a prediction that the model does not take are billed as output beyond the limit";
constexpr std::string_view kAudioReason = "audio output is not priced yet";
constexpr std::string_view kSearchReason =
    "its web searches have a fee and no limit on their number; the Responses API's web_search tool "
    "has one";
constexpr std::string_view kLaterReason = "an answer that comes later cannot be metered";
constexpr std::string_view kOtherModelsReason = "other models have other prices";
constexpr std::string_view kCompactionReason =
    "the provider then samples once more, which no limit of this request bounds";
constexpr std::string_view kCacheReason = "a longer lifetime may have another price";

constexpr Field kChatFields[] = {
    {"model", metered},
    {"messages", metered},
    {"stream", metered},
    {"stream_options", metered},
    {"max_tokens", metered},
    {"max_completion_tokens", metered},
    {"n", metered},
    {"service_tier", metered},
    {"modalities", metered},
    {"moderation", metered},
    {"prompt_cache_options", metered},
    {"tools", metered_prompt},
    {"response_format", prompt},
    {"functions", prompt},
    {"function_call", prompt},
    {"tool_choice", prompt},
    {"parallel_tool_calls", prompt},
    {"reasoning_effort", prompt},
    {"verbosity", prompt},
    {"user", metered},
    {"safety_identifier", metered},
    {"metadata", metered},
    {"frequency_penalty", passes},
    {"presence_penalty", passes},
    {"logit_bias", passes},
    {"logprobs", passes},
    {"top_logprobs", passes},
    {"seed", passes},
    {"stop", passes},
    {"store", passes},
    {"temperature", passes},
    {"top_p", passes},
    {"prompt_cache_key", passes},
    {"prompt_cache_retention", limited, "in_memory|in-memory|24h", kCacheReason},
    {"prediction", refused, {}, kPredictionReason},
    {"audio", refused, {}, kAudioReason},
    {"web_search_options", refused, {}, kSearchReason},
    // Of those who speak OpenAI's format.
    {"best_of", refused, {}, "each candidate is billed"},
    {"use_beam_search", refused, {}, "each beam may be billed"},
    {"models", refused, {}, kOtherModelsReason},
    {"route", refused, {}, kOtherModelsReason},
    {"plugins", refused, {}, "plugins have fees of their own"},
    {"preset", refused, {}, "what a preset holds cannot be seen here"},
    {"provider", refused, {}, "who answers decides the price"},
    {"search_parameters", refused, {}, kSearchReason},
    {"search_settings", refused, {}, kSearchReason},
    {"search_options", refused, {}, kSearchReason},
    {"enable_search", refused, {}, kSearchReason},
    {"compound_custom", refused, {}, kSearchReason},
    {"deferred", refused, {}, kLaterReason},
    {"background", refused, {}, kLaterReason},
    {"chat_template", refused, {}, "a template can make the input longer than what was sent"},
    {"speed", limited, "standard", "another speed has another price"},
};

constexpr Field kResponsesFields[] = {
    {"model", metered},
    {"input", metered},
    {"stream", metered},
    {"max_output_tokens", metered},
    {"max_tool_calls", metered},
    {"service_tier", metered},
    {"tools", metered_prompt},
    {"tool_choice", metered_prompt},
    {"include", metered},
    {"text", metered_prompt},
    {"reasoning", metered_prompt},
    {"moderation", metered},
    {"prompt_cache_options", metered},
    {"previous_response_id", metered_prompt},
    {"prompt", metered_prompt},
    {"truncation", metered_prompt},
    {"instructions", prompt},
    {"parallel_tool_calls", prompt},
    {"personality", prompt},
    {"image", prompt},
    {"user", metered},
    {"safety_identifier", metered},
    {"metadata", metered},
    {"access_programs", passes},
    {"client_metadata", passes},
    {"generate", passes},
    {"store", passes},
    {"stream_options", passes},
    {"temperature", passes},
    {"top_p", passes},
    {"top_logprobs", passes},
    {"prompt_cache_key", passes},
    {"prompt_cache_retention", limited, "in_memory|in-memory|24h", kCacheReason},
    {"background", refused, {}, kLaterReason},
    {"background_options", refused, {}, kLaterReason},
    {"conversation",
     refused,
     {},
     "what a stored conversation holds cannot be bounded; send "
     "`input` or `previous_response_id`"},
    {"context_management", refused, {}, kCompactionReason},
    {"modalities", limited, "text", kAudioReason},
    {"audio", refused, {}, kAudioReason},
    {"models", refused, {}, kOtherModelsReason},
    {"plugins", refused, {}, "plugins have fees of their own"},
    {"preset", refused, {}, "what a preset holds cannot be seen here"},
    {"provider", refused, {}, "who answers decides the price"},
    {"search_parameters", refused, {}, kSearchReason},
    {"speed", limited, "standard", "another speed has another price"},
};

constexpr Field kEmbeddingsFields[] = {
    {"model", metered},
    {"input", metered},
    {"user", metered},
    {"encoding_format", passes},
    {"dimensions", passes},
    {"service_tier", limited, "auto|default", "another tier has another price"},
    {"models", refused, {}, kOtherModelsReason},
};

constexpr Field kMessagesFields[] = {
    {"model", metered},
    {"messages", metered},
    {"system", metered_prompt},
    {"stream", metered},
    {"max_tokens", metered},
    {"service_tier", metered},
    {"tools", metered_prompt},
    {"tool_choice", metered_prompt},
    {"thinking", metered_prompt},
    {"output_config", metered_prompt},
    {"output_format", metered_prompt},
    {"cache_control", metered},
    {"context_management", metered_prompt},
    {"thread", metered_prompt},
    {"billing_policy", metered},
    {"metadata", metered},
    {"stop_sequences", passes},
    {"temperature", passes},
    {"top_k", passes},
    {"top_p", passes},
    {"diagnostics", passes},
    {"fallback_credit_token", passes},
    {"user_profile_id", passes},
    {"workspace_id", passes},
    {"speed", limited, "standard", "another speed has another price"},
    {"inference_geo", limited, "global", "a region has a price of its own"},
    {"fallbacks", refused, {}, kOtherModelsReason},
    {"compaction", refused, {}, kCompactionReason},
    {"mcp_servers", refused, {}, "calls that the provider makes itself have no limit"},
    {"container", refused, {}, "a container has a price of its own"},
};

using enum ToolUse;
constexpr ToolType kChatTools[] = {{"function", client}, {"custom", client}};
constexpr ToolType kResponsesTools[] = {
    {"function", client},
    {"custom", client},
    {"namespace", tool_list},
    {"local_shell", client},
    {"apply_patch", client},
    {"shell", client_if_told},
    {"tool_search", client_if_told},
    {"web_search", ToolUse::web_search},
    {"web_search_2025_08_26", ToolUse::web_search},
    {"web_search_preview", ToolUse::web_search},
    {"web_search_preview_2025_03_11", ToolUse::web_search},
};
constexpr ToolType kMessagesTools[] = {
    {"custom", client},
    {"bash_20241022", client_typed},
    {"bash_20250124", client_typed},
    {"text_editor_20241022", client_typed},
    {"text_editor_20250124", client_typed},
    {"text_editor_20250429", client_typed},
    {"text_editor_20250728", client_typed},
    {"computer_20241022", client_typed},
    {"computer_20250124", client_typed},
    {"computer_20251124", client_typed},
    {"memory_20250818", client_typed},
    {"web_search_20250305", ToolUse::web_search},
    {"web_search_20260209", ToolUse::web_search},
    {"web_search_20260318", ToolUse::web_search},
};

constexpr std::string_view kUploadReason = "a container has a price of its own";
constexpr PartType kChatParts[] = {
    {"text", PartUse::text},       {"refusal", PartUse::text},      {"thinking", PartUse::text},
    {"image_url", PartUse::image}, {"input_audio", PartUse::audio}, {"file", PartUse::file},
};
constexpr PartType kResponsesParts[] = {
    // In the content of messages and of outputs of tools.
    {"input_text", PartUse::text},
    {"output_text", PartUse::text},
    {"text", PartUse::text},
    {"refusal", PartUse::text},
    {"summary_text", PartUse::text},
    {"reasoning_text", PartUse::text},
    {"input_image", PartUse::image},
    {"computer_screenshot", PartUse::image},
    {"input_file", PartUse::file},
    {"input_audio", PartUse::audio},
    // Items of the input.
    {"message", PartUse::nested},
    {"function_call", PartUse::text},
    {"function_call_output", PartUse::nested},
    {"custom_tool_call", PartUse::text},
    {"custom_tool_call_output", PartUse::nested},
    {"computer_call", PartUse::text},
    {"computer_call_output", PartUse::nested},
    {"web_search_call", PartUse::text},
    {"file_search_call", PartUse::text},
    {"code_interpreter_call", PartUse::text},
    {"local_shell_call", PartUse::text},
    {"local_shell_call_output", PartUse::text},
    {"shell_call", PartUse::text},
    {"shell_call_output", PartUse::text},
    {"apply_patch_call", PartUse::text},
    {"apply_patch_call_output", PartUse::text},
    {"mcp_list_tools", PartUse::text},
    {"mcp_approval_request", PartUse::text},
    {"mcp_approval_response", PartUse::text},
    {"mcp_call", PartUse::text},
    {"tool_search_call", PartUse::text},
    {"tool_search_output", PartUse::tools},
    {"additional_tools", PartUse::tools},
    {"configuration_update", PartUse::text},
    {"program", PartUse::text},
    {"program_output", PartUse::text},
    {"reasoning", PartUse::encrypted_reasoning},
    {"compaction", PartUse::unseen},
    {"image_generation_call", PartUse::unseen},
    {"item_reference", PartUse::unseen},
    {"compaction_trigger", PartUse::refused, kCompactionReason},
};
constexpr PartType kMessagesParts[] = {
    {"text", PartUse::text},
    {"thinking", PartUse::text},
    {"redacted_thinking", PartUse::text},
    {"tool_use", PartUse::text},
    {"tool_result", PartUse::nested},
    {"tool_reference", PartUse::text},
    {"tool_removal", PartUse::text},
    {"tool_addition", PartUse::tools},
    {"search_result", PartUse::nested},
    {"server_tool_use", PartUse::text},
    {"web_search_tool_result", PartUse::text},
    {"web_fetch_tool_result", PartUse::unseen},
    {"code_execution_tool_result", PartUse::text},
    {"bash_code_execution_tool_result", PartUse::text},
    {"text_editor_code_execution_tool_result", PartUse::text},
    {"tool_search_tool_result", PartUse::text},
    {"mcp_tool_use", PartUse::text},
    {"mcp_tool_result", PartUse::nested},
    {"advisor_tool_result", PartUse::text},
    {"fallback", PartUse::text},
    {"image", PartUse::image},
    {"document", PartUse::file},
    {"compaction", PartUse::unseen},
    {"container_upload", PartUse::refused, kUploadReason},
};

constexpr std::string_view kListedBetas[] = {
    "advisor-tool-2026-03-01",
    "cache-diagnosis-2026-04-07",
    "claude-code-20250219",
    "code-execution-2025-05-22",
    "compact-2026-01-12",
    "compact-2026-09-04",
    "computer-use-2024-10-22",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dev-full-thinking-2025-05-14",
    "effort-2025-11-24",
    "extended-cache-ttl-2025-04-11",
    "fallback-credit-2026-06-01",
    "fallback-credit-2026-07-01",
    "fast-mode-2026-02-01",
    "files-api-2025-04-14",
    "fine-grained-tool-streaming-2025-05-14",
    "inline-tools-2026-09-15",
    "interleaved-thinking-2025-05-14",
    "mcp-client-2025-04-04",
    "mcp-client-2025-11-20",
    "mid-conversation-output-config-2026-07-01",
    "mid-conversation-system-clear-at-2026-08-21",
    "mid-conversation-tool-changes-2026-07-01",
    "model-context-window-exceeded-2025-08-26",
    "oauth-2025-04-20",
    "output-128k-2025-02-19",
    "output-300k-2026-03-24",
    "pdfs-2024-09-25",
    "prompt-caching-2024-07-31",
    "prompt-caching-scope-2026-01-05",
    "redact-thinking-2026-02-12",
    "server-side-fallback-2026-06-01",
    "server-side-fallback-2026-07-01",
    "skills-2025-10-02",
    "structured-outputs-2025-11-13",
    "task-budgets-2026-03-13",
    "thinking-binding-controls-2026-08-01",
    "thinking-display-updates-2026-08-18",
    "thinking-token-count-2026-05-13",
    "token-counting-2024-11-01",
    "token-efficient-tools-2025-02-19",
};

template <typename Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

std::span<const ToolType> tools_of(Format format) {
  switch (format) {
    case Format::openai_chat:
      return kChatTools;
    case Format::openai_responses:
      return kResponsesTools;
    default:
      return kMessagesTools;
  }
}

}  // namespace

std::span<const Field> fields_of(Format format) {
  switch (format) {
    case Format::openai_chat:
      return kChatFields;
    case Format::openai_responses:
      return kResponsesFields;
    case Format::openai_embeddings:
      return kEmbeddingsFields;
    default:
      return kMessagesFields;
  }
}

const Field* find_field(Format format, std::string_view name) {
  return find_row(fields_of(format), name);
}

const ToolType* find_tool_type(Format format, std::string_view type) {
  return find_row(tools_of(format), type);
}

std::string_view admitted_tools(Format format) {
  switch (format) {
    case Format::openai_chat:
      return "function and custom";
    case Format::openai_responses:
      return "function, custom, namespace, local_shell, apply_patch, shell with a local "
             "environment, tool_search with execution client, and web_search";
    default:
      return "tools of your own (no type, or custom), bash_…, text_editor_…, computer_…, "
             "memory_20250818, and web_search_…";
  }
}

const PartType* find_part_type(Format format, std::string_view type) {
  switch (format) {
    case Format::openai_chat:
      return find_row<PartType>(kChatParts, type);
    case Format::openai_responses:
      return find_row<PartType>(kResponsesParts, type);
    default:
      return find_row<PartType>(kMessagesParts, type);
  }
}

bool searches_by_itself(Format format, std::string_view model) {
  if (format != Format::openai_chat && format != Format::openai_responses) return false;
  constexpr std::string_view kParts[] = {"-search-preview", "-search-api", ":online"};
  return std::any_of(std::begin(kParts), std::end(kParts), [&](std::string_view part) {
    return model.find(part) != std::string_view::npos;
  });
}

bool is_listed_beta(std::string_view beta) {
  return std::find(std::begin(kListedBetas), std::end(kListedBetas), beta) !=
         std::end(kListedBetas);
}

}  // namespace purser::providers
