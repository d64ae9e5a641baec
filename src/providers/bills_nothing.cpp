// Which failures bill nothing for certain. A failed answer carries no output; what may still be
// billed is work that had begun when it failed. So: refused before the work began, as the status or
// the error's own name says, bills nothing; all else may have. Sources in docs/METERING.md.
#include <simdjson.h>

#include <algorithm>
#include <string_view>

#include "answer_reader.h"
#include "purser/providers/answer.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {

// error.type of Anthropic; api_error and timeout_error are not among them.
constexpr std::string_view kAnthropicNothing[] = {
    "invalid_request_error", "authentication_error", "billing_error",    "permission_error",
    "not_found_error",       "request_too_large",    "rate_limit_error", "overloaded_error",
};

// error.code or error.type of OpenAI; server_error is not among them.
constexpr std::string_view kOpenaiNothing[] = {
    "invalid_request_error",
    "invalid_api_key",
    "authentication_error",
    "permission_error",
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "rate_limit_exceeded",
    "rate_limit_error",
    "requests",  // error.type of a 429 says which of the limits it was
    "tokens",
    "context_length_exceeded",
    "model_not_found",
    "unsupported_value",
    "invalid_prompt",
    "server_is_overloaded",
    "slow_down",
};

bool names_nothing(Format format, std::string_view name) {
  if (is_anthropic(format)) {
    return std::find(std::begin(kAnthropicNothing), std::end(kAnthropicNothing), name) !=
           std::end(kAnthropicNothing);
  }
  return std::find(std::begin(kOpenaiNothing), std::end(kOpenaiNothing), name) !=
         std::end(kOpenaiNothing);
}

bool error_names_nothing(Format format, std::string_view body) {
  dom::parser parser;
  dom::object answer;
  if (parser.parse(body.data(), body.size()).get_object().get(answer) != simdjson::SUCCESS) {
    return false;
  }
  // {"error": {…}}, a response that failed, or (an `error` event of Responses) the fields alone.
  if (const auto response = object_of(answer, "response")) answer = *response;
  if (const auto error = object_of(answer, "error")) answer = *error;
  const std::string_view code = text_of(answer, "code");
  return names_nothing(format, text_of(answer, "type")) || names_nothing(format, code);
}

}  // namespace

bool bills_nothing(Format format, int status, std::string_view body) {
  if (format == Format::anthropic_count_tokens) return true;
  // 408 and 499: the wait ended, the work may have been done.
  if (status >= 400 && status < 500) return status != 408 && status != 499;
  // Refused at the door for load: 529 means nothing else; of a 503 the body tells it from a proxy's
  // failure in mid-work.
  if (status == 529) return true;
  if (status == 200 || status == 503) return error_names_nothing(format, body);
  return false;
}

}  // namespace purser::providers
