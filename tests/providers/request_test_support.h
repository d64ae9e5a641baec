// Short ways to read and write requests in tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "purser/providers/request.h"

namespace purser::providers {

inline Result<RequestShape> read(Format format, Dialect dialect, std::string_view body) {
  return read_request(format, dialect, body, {});
}
inline Result<RequestShape> read_chat(std::string_view body, Dialect dialect = Dialect::openai) {
  return read(Format::openai_chat, dialect, body);
}
inline Result<RequestShape> read_responses(std::string_view body) {
  return read(Format::openai_responses, Dialect::openai, body);
}
inline Result<RequestShape> read_messages(std::string_view body) {
  return read(Format::anthropic_messages, Dialect::anthropic, body);
}
inline Result<RequestShape> read_embeddings(std::string_view body) {
  return read(Format::openai_embeddings, Dialect::openai, body);
}

// "" where it was read.
inline std::string code_of(const Result<RequestShape>& shape) {
  return shape ? std::string() : shape.error().code;
}
inline std::string message_of(const Result<RequestShape>& shape) {
  return shape ? std::string() : shape.error().message;
}

// A request of each format with these members added (`,"n":2`).
inline std::string chat(std::string_view members,
                        std::string_view messages = R"([{"role":"user","content":"Hi"}])") {
  return R"({"model":"gpt-5","messages":)" + std::string(messages) + std::string(members) + "}";
}
inline std::string responses(std::string_view members, std::string_view input = R"("Hi")") {
  return R"({"model":"gpt-5","input":)" + std::string(input) + std::string(members) + "}";
}
inline std::string messages(std::string_view members,
                            std::string_view list = R"([{"role":"user","content":"Hi"}])") {
  return R"({"model":"claude-x","max_tokens":100,"messages":)" + std::string(list) +
         std::string(members) + "}";
}
inline std::string with_members(Format format, std::string_view members) {
  switch (format) {
    case Format::openai_chat:
      return chat(members);
    case Format::openai_responses:
      return responses(members);
    case Format::openai_embeddings:
      return R"({"model":"text-embedding-3-small","input":"Hi")" + std::string(members) + "}";
    default:
      return messages(members);
  }
}
inline Dialect own_dialect(Format format) {
  return is_anthropic(format) ? Dialect::anthropic : Dialect::openai;
}

// What goes upstream with this output limit (and calls); the model keeps its name.
inline std::string written(const Result<RequestShape>& shape, std::string_view body,
                           std::optional<std::int64_t> limit, std::int64_t calls = 0) {
  EXPECT_TRUE(shape) << message_of(shape);
  if (!shape) return {};
  return write_request(*shape, body, Form{.output_limit_tokens = limit, .web_search_calls = calls},
                       shape->model);
}

}  // namespace purser::providers
