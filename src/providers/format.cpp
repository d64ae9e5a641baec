#include "purser/providers/format.h"

namespace purser::providers {

std::string_view path(Format format) {
  switch (format) {
    case Format::openai_chat:
      return "/v1/chat/completions";
    case Format::openai_responses:
      return "/v1/responses";
    case Format::openai_embeddings:
      return "/v1/embeddings";
    case Format::anthropic_messages:
      return "/v1/messages";
    case Format::anthropic_count_tokens:
      return "/v1/messages/count_tokens";
  }
  return {};
}

std::string_view name(Format format) {
  switch (format) {
    case Format::openai_chat:
      return "openai_chat";
    case Format::openai_responses:
      return "openai_responses";
    case Format::openai_embeddings:
      return "openai_embeddings";
    case Format::anthropic_messages:
      return "anthropic_messages";
    case Format::anthropic_count_tokens:
      return "anthropic_count_tokens";
  }
  return {};
}

std::optional<Format> format_of_path(std::string_view request_path) {
  for (const Format format :
       {Format::openai_chat, Format::openai_responses, Format::openai_embeddings,
        Format::anthropic_messages, Format::anthropic_count_tokens}) {
    if (path(format) == request_path) return format;
  }
  return std::nullopt;
}

bool is_anthropic(Format format) {
  return format == Format::anthropic_messages || format == Format::anthropic_count_tokens;
}

}  // namespace purser::providers
