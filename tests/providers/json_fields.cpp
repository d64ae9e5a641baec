// For json_differential.mjs: each line of the input is a format and a request's body in hex; each
// line of the output says what the reader took of it, and what would go upstream, or the refusal.
#include <cstdio>
#include <iostream>
#include <string>

#include "purser/providers/request.h"

namespace {
using namespace purser;
using namespace purser::providers;

std::string to_hex(std::string_view bytes) {
  std::string out;
  char pair[3];
  for (const char c : bytes) {
    std::snprintf(pair, sizeof pair, "%02x", static_cast<unsigned char>(c));
    out += pair;
  }
  return out;
}

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::string read(const std::string& format, const std::string& body) {
  const bool messages = format == "messages";
  const Format which = messages                ? Format::anthropic_messages
                       : format == "responses" ? Format::openai_responses
                                               : Format::openai_chat;
  const Dialect dialect = messages ? Dialect::anthropic : Dialect::openai;
  const Result<RequestShape> shape = read_request(which, dialect, body, {});
  if (!shape) return "refused " + shape.error().code;
  Form form;
  form.output_limit_tokens = 77;
  form.web_search_calls = shape->web_search_calls;
  const std::string limit =
      shape->output_limit_tokens ? std::to_string(*shape->output_limit_tokens) : "none";
  return "read " + to_hex(shape->model) + (shape->stream ? " 1 " : " 0 ") +
         std::to_string(shape->choices) + " " + limit + " " +
         to_hex(write_request(*shape, body, form, "upstream-model"));
}
}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t blank = line.find(' ');
    std::cout << read(line.substr(0, blank), from_hex(line.substr(blank + 1))) << '\n';
  }
}
