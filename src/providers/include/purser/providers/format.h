// The wire formats that Purser meters, one for each endpoint, and how a provider entry speaks them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purser::providers {

enum class Format : std::uint8_t {
  openai_chat,             // POST /v1/chat/completions
  openai_responses,        // POST /v1/responses
  openai_embeddings,       // POST /v1/embeddings
  anthropic_messages,      // POST /v1/messages
  anthropic_count_tokens,  // POST /v1/messages/count_tokens (free)
};
std::string_view path(Format format);
std::string_view name(Format format);  // "openai_chat", as usage rows and metrics say
std::optional<Format> format_of_path(std::string_view path);
bool is_anthropic(Format format);

// What differs between those who speak OpenAI's format.
enum class Dialect : std::uint8_t {
  openai,      // the provider itself: `service_tier` and `max_completion_tokens` are written
  compatible,  // vLLM, Ollama, OpenRouter, …: `max_tokens`; no field that they may not know
  anthropic,
};

}  // namespace purser::providers
