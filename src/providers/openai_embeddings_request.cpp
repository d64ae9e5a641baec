// POST /v1/embeddings.
#include "input_bound.h"
#include "request_reader.h"

namespace purser::providers {
namespace {

// OpenAI's own limit.
constexpr std::uint32_t kMostInputs = 2'048;

bool is_tokens(const Value& value) {
  if (!value.is_array()) return false;
  for (const Value one : value) {
    if (!one.is_number()) return false;
  }
  return true;
}

// A text counts by its bytes, a list of token ids by its length.
Result<std::int64_t> tokens_of(const Value& input, const std::string& path) {
  if (input.is_string()) return input.compact_bytes() + kMessageTokens;
  if (is_tokens(input)) return std::int64_t{input.child_count()} + kMessageTokens;
  return bad_field(path, "a text, a list of token ids, or an array of those");
}

}  // namespace

Result<void> read_embeddings(Reading& reading) {
  read_attribution(reading);
  const std::optional<Value> input = present(reading.root, "input");
  if (!input) return bad_field("input", "a text, a list of token ids, or an array of those");
  std::int64_t tokens = 0;
  if (input->is_array() && !is_tokens(*input)) {
    if (reading.shape.dialect == Dialect::openai && input->child_count() > kMostInputs)
      return bad_field("input", "an array of at most 2048 inputs");
    for (const Value one : *input) {
      Result<std::int64_t> count = tokens_of(one, "input[]");
      if (!count) return count.error();
      tokens += *count;
    }
  } else {
    Result<std::int64_t> count = tokens_of(*input, "input");
    if (!count) return count.error();
    tokens = *count;
  }
  InputBound bound(reading);
  bound.add_head();
  bound.add_message(*input, tokens - input->compact_bytes(), 0);
  bound.finish();
  return {};
}

}  // namespace purser::providers
