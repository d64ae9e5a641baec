#include "path/stub_answer.h"

#include <fmt/format.h>

#include <algorithm>

namespace purser::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Tokens {
  std::int64_t input = 0, output = 0;
};

// As it stands in the answer; what is odd about it is the fault's.
std::string usage_json(const Asked& asked, Tokens tokens) {
  const char* input = asked.anthropic ? "input_tokens" : "prompt_tokens";
  const char* output = asked.anthropic ? "output_tokens" : "completion_tokens";
  std::string more;
  if (asked.fault == Fault::usage_negative) tokens.output = -tokens.output;
  if (asked.fault == Fault::usage_implausible) tokens.output = 4'000'000'000'000'000;
  if (!asked.anthropic && asked.fault != Fault::usage_negative)
    more = fmt::format(R"(,"total_tokens":{})", tokens.input + tokens.output);
  return fmt::format(R"({{"{}":{},"{}":{}{}}})", input, tokens.input, output, tokens.output, more);
}

std::string whole_json(const Asked& asked, Tokens tokens) {
  std::string usage = R"(,"usage":)" + usage_json(asked, tokens);
  if (asked.fault == Fault::usage_twice)
    usage += R"(,"usage":)" + usage_json(asked, {tokens.input * 2, tokens.output * 2});
  if (asked.fault == Fault::usage_missing) usage.clear();
  if (asked.anthropic)
    return R"({"id":"msg_)" + asked.mark +
           R"(","type":"message","role":"assistant","model":"sim-claude","content":[{"type":"text","text":"yes"}],"stop_reason":"end_turn")" +
           usage + "}";
  return R"({"id":"chatcmpl-)" + asked.mark +
         R"(","object":"chat.completion","created":1,"model":"sim-chat","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}])" +
         usage + "}";
}

std::string event(const char* type, const std::string& data) {
  return fmt::format("event: {}\ndata: {{\"type\":\"{}\"{}}}\n\n", type, type,
                     data.empty() ? "" : "," + data);
}

std::string chunk(const std::string& members) {
  return R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"sim-chat",)" +
         members + "}\n\n";
}

std::string delta(const Asked& asked, const std::string& text) {
  if (asked.anthropic)
    return event("content_block_delta",
                 R"("index":0,"delta":{"type":"text_delta","text":")" + text + R"("})");
  return chunk(R"("choices":[{"index":0,"delta":{"content":")" + text +
               R"("},"finish_reason":null}])");
}

std::string error_json(const Asked& asked, const char* type) {
  const std::string error = fmt::format(R"("error":{{"type":"{}","message":"no"}})", type);
  return asked.anthropic ? R"({"type":"error",)" + error + "}" : "{" + error + "}";
}

// The frames of a stream, each as it would be a chunk.
std::vector<std::string> frames(const Asked& asked, Tokens tokens, Choices& choose) {
  std::vector<std::string> all;
  const bool long_answer =
      asked.fault == Fault::client_reads_slowly || asked.fault == Fault::client_gone_in_answer;
  const std::int64_t count = long_answer ? 60 : 2 + choose.below(6);
  if (asked.anthropic) {
    all.push_back(event("message_start",
                        R"("message":{"id":"msg_1","type":"message","role":"assistant","model":)"
                        R"("sim-claude","content":[],"usage":)" +
                            usage_json(asked, {tokens.input, 1}) + "}"));
    all.push_back(
        event("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})"));
  }
  for (std::int64_t i = 0; i < count; ++i)
    all.push_back(delta(asked, std::string(long_answer ? 800 : 5, 'x')));
  if (asked.fault == Fault::answer_error_event) {
    all.push_back(asked.anthropic ? "event: error\ndata: " + error_json(asked, "api_error") + "\n\n"
                                  : "data: " + error_json(asked, "server_error") + "\n\n");
    return all;
  }
  const bool says = asked.fault != Fault::usage_missing;
  const bool twice = asked.fault == Fault::usage_twice;
  if (asked.anthropic) {
    all.push_back(event("content_block_stop", R"("index":0)"));
    for (int i = 0; i < (twice ? 2 : 1); ++i)
      all.push_back(event(
          "message_delta",
          R"("delta":{"stop_reason":"end_turn"})" +
              (says ? R"(,"usage":)" + usage_json(asked, {tokens.input, tokens.output * (1 + i)})
                    : std::string())));
    all.push_back(event("message_stop", ""));
    return all;
  }
  all.push_back(chunk(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])"));
  for (int i = 0; says && i < (twice ? 2 : 1); ++i)
    all.push_back(chunk(R"("choices":[],"usage":)" +
                        usage_json(asked, {tokens.input, tokens.output * (1 + i)})));
  all.push_back("data: [DONE]\n\n");
  return all;
}

std::string head(int status, const char* type, const std::string& framing) {
  return fmt::format("HTTP/1.1 {} X\r\ncontent-type: {}\r\n{}\r\n\r\n", status, type, framing);
}

std::string with_length(int status, const std::string& body, std::int64_t lie = 0) {
  return head(status, "application/json",
              fmt::format("content-length: {}", static_cast<std::int64_t>(body.size()) + lie)) +
         body;
}

// An error that was answered instead, or nothing where the fault is another.
bool refuses(const Asked& asked, StubAnswer& answer) {
  const bool a = asked.anthropic;
  const auto error = [&](int status, const char* type) {
    answer.pieces = {{milliseconds(20), with_length(status, error_json(asked, type))}};
    answer.claims.clear();
  };
  switch (asked.fault) {
    case Fault::answer_429:
      error(429, a ? "rate_limit_error" : "rate_limit_exceeded");
      answer.billed = {};
      return true;
    case Fault::answer_500:  // the work may have been done, and is billed
      error(500, a ? "api_error" : "server_error");
      return true;
    case Fault::answer_503_overloaded:
      error(503, a ? "overloaded_error" : "server_is_overloaded");
      answer.billed = {};
      return true;
    case Fault::answer_529:
      error(529, a ? "overloaded_error" : "server_is_overloaded");
      answer.billed = {};
      return true;
    case Fault::answer_garbage_head:
      answer.pieces = {{milliseconds(20), "\x16\x03garbage that is no HTTP\r\n\r\n"}};
      answer.claims.clear();
      return true;
    case Fault::answer_garbage_body:
      answer.pieces = {{milliseconds(20), with_length(200, "{\"choices\": [[[[ \xff\xfe ")}};
      answer.claims.clear();
      return true;
    case Fault::answer_lost:
    case Fault::provider_hangs:
      answer.pieces.clear();
      answer.after = StubAnswer::After::hang;
      answer.claims.clear();
      return true;
    case Fault::provider_resets_before_answer:
      answer.pieces.clear();
      answer.after = StubAnswer::After::reset;
      answer.claims.clear();
      return true;
    default:
      return false;
  }
}

// Keeps a part of what was to be sent.
void cut(StubAnswer& answer, Choices& choose) {
  std::size_t size = 0;
  for (const auto& piece : answer.pieces) size += piece.bytes.size();
  std::size_t left = 1 + choose.index(size * 3 / 4);
  for (auto& piece : answer.pieces) {
    piece.bytes.resize(std::min(left, piece.bytes.size()));
    left -= piece.bytes.size();
  }
  std::erase_if(answer.pieces, [](const auto& piece) { return piece.bytes.empty(); });
  answer.claims.clear();
}

void break_in_the_middle(const Asked& asked, StubAnswer& answer, Choices& choose) {
  switch (asked.fault) {
    case Fault::answer_cut:
      cut(answer, choose);
      answer.after = StubAnswer::After::end;
      return;
    case Fault::answer_reset:
      cut(answer, choose);
      answer.after = StubAnswer::After::reset;
      return;
    case Fault::answer_stalls:
      cut(answer, choose);
      answer.after = StubAnswer::After::hang;
      return;
    case Fault::answer_late:
      answer.pieces.front().wait = seconds(60);
      return;
    case Fault::answer_slow:
      for (auto& piece : answer.pieces) piece.wait = milliseconds(500 + choose.below(6000));
      return;
    case Fault::answer_twice: {
      const auto once = answer.pieces;
      answer.pieces.insert(answer.pieces.end(), once.begin(), once.end());
      return;
    }
    case Fault::provider_closes_idle:
      answer.pieces.push_back({milliseconds(choose.below(30)), ""});
      answer.after = StubAnswer::After::end;
      return;
    default:
      return;
  }
}

}  // namespace

Nanos stub_price(bool anthropic, std::int64_t input_tokens, std::int64_t output_tokens) {
  const std::int64_t pico = anthropic ? input_tokens * 5'000'000 + output_tokens * 25'000'000
                                      : input_tokens * 3'000'000 + output_tokens * 15'000'000;
  return Nanos{(pico + 999) / 1000};
}

StubAnswer make_answer(const Asked& asked, std::int64_t input_tokens, std::int64_t limit_tokens,
                       Choices& choose) {
  Tokens tokens{input_tokens, 1 + choose.below(limit_tokens)};
  if (choose.one_in(5)) tokens.output = limit_tokens;
  if (asked.fault == Fault::dearer_than_bound) tokens.output = limit_tokens * 4 + 5000;
  StubAnswer answer;
  answer.billed = stub_price(asked.anthropic, tokens.input, tokens.output);
  const bool odd = asked.fault == Fault::usage_missing || asked.fault == Fault::usage_negative ||
                   asked.fault == Fault::usage_implausible ||
                   (asked.fault == Fault::answer_error_event && asked.streams);
  if (!odd) answer.claims = {answer.billed};
  if (asked.fault == Fault::usage_twice) {
    const std::int64_t input = asked.streams ? tokens.input : tokens.input * 2;
    answer.claims.push_back(stub_price(asked.anthropic, input, tokens.output * 2));
  }
  if (refuses(asked, answer)) return answer;
  const std::int64_t lie = asked.fault == Fault::answer_length_too_long    ? 50
                           : asked.fault == Fault::answer_length_too_short ? -20
                                                                           : 0;
  if (asked.streams) {
    answer.pieces.push_back(
        {milliseconds(20), head(200, "text/event-stream", "transfer-encoding: chunked")});
    for (const std::string& frame : frames(asked, tokens, choose))
      answer.pieces.push_back(
          {milliseconds(choose.below(40)), fmt::format("{:x}\r\n{}\r\n", frame.size(), frame)});
    if (lie <= 0) answer.pieces.back().bytes += "0\r\n\r\n";
    if (lie < 0)
      answer.pieces.back().bytes += "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsurplus";
    if (lie > 0) answer.after = StubAnswer::After::end;
  } else {
    answer.pieces.push_back(
        {milliseconds(20 + choose.below(400)), with_length(200, whole_json(asked, tokens), lie)});
    if (lie != 0) answer.claims.clear();
    if (lie > 0) answer.after = StubAnswer::After::end;
  }
  break_in_the_middle(asked, answer, choose);
  return answer;
}

}  // namespace purser::sim
