#include "stub_answers.h"

#include <cstdio>

namespace purser::bench {
namespace {

constexpr int kEvents = 200;

std::string chunk(const std::string& bytes) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

std::string event(const std::string& choices, const std::string& usage) {
  return "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1,"
         "\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\","
         "\"system_fingerprint\":\"fp_bench\",\"choices\":[" +
         choices + "],\"usage\":" + usage + "}\n\n";
}

const char* const kUsage =
    R"({"prompt_tokens":180,"completion_tokens":200,"total_tokens":380,)"
    R"("prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},)"
    R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}})";

}  // namespace

Pieces json_answer(const std::string& body) {
  return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body};
}

Pieces whole_answer() {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "words ";
  return json_answer(
      R"({"id":"chatcmpl-bench","object":"chat.completion","created":1,)"
      R"("model":"gpt-4o-mini-2024-07-18","service_tier":"default","choices":[{"index":0,)"
      R"("finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":")" +
      text + R"(","refusal":null}}],"usage":)" + kUsage + "}");
}

Pieces streamed_answer() {
  Pieces pieces{
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"};
  for (int i = 0; i < kEvents; ++i)
    pieces.push_back(chunk(
        event(R"({"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null})",
              "null")));
  pieces.push_back(chunk(event("", kUsage)));
  pieces.push_back(chunk("data: [DONE]\n\n"));
  pieces.push_back("0\r\n\r\n");
  return pieces;
}

}  // namespace purser::bench
