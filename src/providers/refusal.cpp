#include "purser/providers/refusal.h"

#include <algorithm>
#include <utility>

#include "purser/base/text.h"
#include "refusal_clients.h"

namespace purser::providers {
namespace {

// What no retry can mend takes the form of a refusal for spend too, with a code of its own.
bool is_spend_form(const Refusal& refusal) { return refusal.status == 402; }

std::string_view openai_type(const Refusal& refusal) {
  if (is_spend_form(refusal)) return "insufficient_quota";
  if (refusal.status == 429) return "rate_limit_error";
  if (refusal.status >= 500) return "server_error";
  return "invalid_request_error";
}

std::string_view anthropic_type(const Refusal& refusal) {
  switch (refusal.status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 529:
      return "overloaded_error";
    default:
      return refusal.status >= 500 ? "api_error" : "invalid_request_error";
  }
}

// A body in one piece, since a refused client may well ask again at once: texts as they are, and
// strings of JSON.
class Body {
 public:
  explicit Body(const Refusal& refusal) {
    constexpr std::size_t kBesidesMessageAndDetails = 256;
    text_.reserve(kBesidesMessageAndDetails + refusal.message.size() +
                  refusal.details.text().size());
  }
  Body& plain(std::string_view text) {
    text_ += text;
    return *this;
  }
  Body& quoted(std::string_view text) {
    append_json(text_, text);
    return *this;
  }
  // ,"purser":{"code":…, the caller's details}
  Body& purser_member(const Refusal& refusal) {
    plain(",\"purser\":{\"code\":").quoted(refusal.code);
    if (!refusal.details.text().empty()) plain(",").plain(refusal.details.text());
    return plain("}");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string openai_body(const Refusal& refusal) {
  Body body(refusal);
  body.plain("{\"error\":{\"message\":").quoted(refusal.message);
  body.plain(",\"type\":").quoted(openai_type(refusal));
  body.plain(",\"param\":null,\"code\":").quoted(refusal.code).plain("}");
  return body.purser_member(refusal).plain("}").take();
}

std::string anthropic_body(const Refusal& refusal) {
  Body body(refusal);
  body.plain("{\"type\":\"error\",\"error\":{\"type\":").quoted(anthropic_type(refusal));
  body.plain(",\"message\":").quoted(refusal.message).plain("}");
  return body.purser_member(refusal).plain("}").take();
}

// `plan_type` picks the client's words: this one sends its user to an admin, not to a shop.
std::string codex_body(const Refusal& refusal) {
  Body body(refusal);
  body.plain("{\"error\":{\"message\":").quoted(refusal.message);
  body.plain(",\"type\":\"usage_limit_reached\",\"plan_type\":\"business\"");
  if (refusal.resets_at_epoch_seconds)
    body.plain(",\"resets_at\":").plain(std::to_string(*refusal.resets_at_epoch_seconds));
  body.plain(",\"param\":null,\"code\":").quoted(refusal.code).plain("}");
  return body.purser_member(refusal).plain("}").take();
}

// Our sentence where Codex shows a provider's own: "You've hit your usage limit. ‹this›, or try
// again at ‹resets_at›." A header's value: printable ASCII, no final stop, of bounded length.
std::string codex_words(std::string_view message) {
  constexpr std::size_t kMaxBytes = 240;
  std::string words;
  bool in_other = false;  // bytes of one character outside ASCII become one mark
  for (const char c : message.substr(0, kMaxBytes)) {
    const bool printable = c >= ' ' && c <= '~';
    if (printable) {
      words.push_back(c);
    } else if (!in_other) {
      words.push_back(c == '\n' || c == '\t' ? ' ' : '?');
    }
    in_other = !printable;
  }
  while (!words.empty() && (words.back() == '.' || words.back() == ' ')) words.pop_back();
  return words;
}

WireRefusal wire(const Refusal& refusal, int status, std::string body) {
  WireRefusal out;
  out.status = status;
  out.fields.emplace_back("content-type", "application/json");
  if (!refusal.should_retry) out.fields.emplace_back("x-should-retry", "false");
  // A long wait makes SDKs hang, and none belongs to what no retry can mend.
  if (refusal.should_retry && refusal.retry_after_seconds) {
    const std::int64_t seconds = std::clamp<std::int64_t>(*refusal.retry_after_seconds, 1, 5);
    out.fields.emplace_back("retry-after", std::to_string(seconds));
  }
  out.body = std::move(body);
  return out;
}

}  // namespace

void JsonMembers::begin(std::string_view name) {
  constexpr std::size_t kUsualBytes = 1024;
  if (text_.empty())
    text_.reserve(kUsualBytes);
  else
    text_ += ',';
  append_json(text_, name);
  text_ += ':';
}

void JsonMembers::add(std::string_view name, std::string_view json) {
  begin(name);
  text_ += json;
}

void JsonMembers::add_text(std::string_view name, std::string_view text) {
  begin(name);
  append_json(text_, text);
}

WireRefusal write_refusal(Format format, const Refusal& refusal, const ClientHints& hints) {
  int status = refusal.status;
  if (is_spend_form(refusal)) {
    if (hints.refusal_status) {
      status = *hints.refusal_status;
    } else if (const ClientRow* row = client_row(hints);
               row != nullptr && row->form == SpendForm::codex_usage_limit &&
               !is_anthropic(format)) {
      WireRefusal out = wire(refusal, 429, codex_body(refusal));
      out.fields.emplace_back("x-codex-promo-message", codex_words(refusal.message));
      return out;
    }
  }
  return wire(refusal, status,
              is_anthropic(format) ? anthropic_body(refusal) : openai_body(refusal));
}

WireRefusal write_plain_refusal(const Refusal& refusal) {
  return wire(refusal, refusal.status, openai_body(refusal));
}

std::string write_stream_error(Format format, std::string_view code, std::string_view message) {
  const std::string fields = "\"code\":" + quote_json(code) + ",\"message\":" + quote_json(message);
  if (is_anthropic(format)) {
    return "event: error\ndata: "
           "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":" +
           quote_json(message) + "},\"purser\":{\"code\":" + quote_json(code) + "}}\n\n";
  }
  const std::string error = "{" + fields + ",\"type\":\"server_error\",\"param\":null}";
  if (format == Format::openai_responses) {
    // Agents read response.error; the SDKs throw on an `error` at the top alone; Vercel's `ai`
    // wants a sequence_number, whatever it says.
    return "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":0,"
           "\"response\":{"
           "\"object\":\"response\",\"status\":\"failed\",\"output\":[],\"error\":{" +
           fields + "}},\"error\":" + error + "}\n\n";
  }
  return "data: {\"error\":" + error + "}\n\n";
}

}  // namespace purser::providers
