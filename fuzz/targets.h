// A target takes any bytes: it feeds them to one reader of untrusted bytes and holds the reader to
// its properties. What does not hold aborts, which is what libFuzzer reports.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace purser::fuzz {

struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
};

// Its definition lists all of them: fuzz.cpp.
const Target* find_target(std::string_view name);

[[noreturn]] inline void broken(const char* property, int line) {
  std::fprintf(stderr, "broken (line %d): %s\n", line, property);
  std::abort();
}
#define PURSER_HOLDS(property) \
  (static_cast<bool>(property) ? void() : ::purser::fuzz::broken(#property, __LINE__))

void request_head(std::string_view bytes);
void answer_head(std::string_view bytes);
void chunked_body(std::string_view bytes);
void request_chat(std::string_view bytes);
void request_responses(std::string_view bytes);
void request_embeddings(std::string_view bytes);
void request_messages(std::string_view bytes);
void answer_chat(std::string_view bytes);
void answer_responses(std::string_view bytes);
void answer_embeddings(std::string_view bytes);
void answer_messages(std::string_view bytes);
void stream_chat(std::string_view bytes);
void stream_responses(std::string_view bytes);
void stream_messages(std::string_view bytes);
void config(std::string_view bytes);
void price_book(std::string_view bytes);
void csv(std::string_view bytes);
void page_form(std::string_view bytes);
void audit_lines(std::string_view bytes);
void ledger_commands(std::string_view bytes);

}  // namespace purser::fuzz
