// For the comparisons in differential/ and exact/: reads a price book and, from standard input, one
// JSON object a line; writes one answer a line, and nothing else.
//
//   price_lines data/prices.json < questions
//   {"provider":"openai","model":"gpt-5","at_ms":1795000000000,"usage":{"input":12,"output":3}}
//   → "47500 openai/gpt-5", or "unpriced_usage", "no_price"
#include <simdjson.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "purser/pricing/price_book.h"

namespace purser::pricing {
namespace {

Usage read_usage(simdjson::dom::object object) {
  Usage usage;
  for (const auto [key, value] : object) {
    if (key == "service_tier") {
      usage.service_tier = std::string_view(value);
      continue;
    }
    bool known = false;
    for (std::size_t i = 0; i < kTokenClassCount; ++i)
      if (key == name(static_cast<TokenClass>(i))) {
        usage.tokens[i] = value;
        known = true;
      }
    if (key == name(Fee::web_search)) {
      usage[Fee::web_search] = value;
      known = true;
    }
    if (!known) throw std::runtime_error("unknown class " + std::string(key));
  }
  return usage;
}

std::string answer(const PriceBook& book, simdjson::dom::element question) {
  const Instant at{std::chrono::milliseconds{std::int64_t(question["at_ms"])}};
  const Result<Price> price =
      book.find(std::string_view(question["provider"]), std::string_view(question["model"]), at);
  if (!price) return price.error().code;
  const Result<Nanos> nanos = cost(*price, read_usage(question["usage"]));
  if (!nanos) return nanos.error().code;
  return std::to_string(nanos->count()) + " " + price->id;
}

int run(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const Result<PriceBook> book = PriceBook::parse(text.str());
  if (!book) {
    std::cerr << book.error().message << "\n";
    return 1;
  }
  simdjson::dom::parser parser;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(*book, parser.parse(line)) << "\n";
  return std::cout.flush() ? 0 : 1;
}

}  // namespace
}  // namespace purser::pricing

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: price_lines data/prices.json < questions\n";
    return 2;
  }
  try {
    return purser::pricing::run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "price_lines: " << error.what() << "\n";
    return 1;
  }
}
