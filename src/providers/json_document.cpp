#include "json_document.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "json_text.h"

namespace purser::providers {
namespace {

// What a thread's parser may keep between bodies.
constexpr std::size_t kKeptParserBytes = 4 * 1024 * 1024;

Error bad_json(std::string why) {
  return {"bad_json", "The request's body is not JSON that Purser can pass on: " + std::move(why) +
                          ". Send one JSON object in UTF-8."};
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 64;
  std::string out;
  for (const char c : text.substr(0, kMost)) {
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
  }
  // Not in the middle of a character.
  if (text.size() > kMost) {
    while (!out.empty() && (static_cast<unsigned char>(text[out.size()]) & 0xC0) == 0x80)
      out.pop_back();
    out += "…";
  }
  return out;
}

Result<void> check_grammar(std::string_view body) {
  thread_local simdjson::dom::parser parser;
  const simdjson::error_code allocated =
      parser.allocate(std::max<std::size_t>(body.size(), 64), JsonDocument::kMaxDepth + 1);
  if (allocated != simdjson::SUCCESS) return bad_json("it is too large");
  simdjson::dom::element root;
  const simdjson::error_code error = parser.parse(body.data(), body.size()).get(root);
  if (body.size() > kKeptParserBytes) parser = simdjson::dom::parser();
  if (error == simdjson::SUCCESS) return {};
  if (error == simdjson::DEPTH_ERROR)
    return bad_json("it is nested deeper than " + std::to_string(JsonDocument::kMaxDepth) +
                    " levels");
  std::string why = simdjson::error_message(error);
  while (!why.empty() && why.back() == '.') why.pop_back();
  return bad_json(why);
}

}  // namespace

// Walks over bytes that nobody has looked at yet: simdjson decides afterwards whether they are
// JSON. So it checks every step, and what it does not understand is an error and never a read out
// of range.
class JsonIndexer {
 public:
  explicit JsonIndexer(JsonDocument& document) : document_(document), body_(document.body_) {}

  Result<void> run() {
    skip_spaces();
    if (!value({}, 0, 0)) return *error_;
    skip_spaces();
    if (at_ != body_.size()) return bad_json("something follows the value");
    return {};
  }

 private:
  using Kind = JsonDocument::Kind;
  using Node = JsonDocument::Node;

  bool fail(Error error) {
    if (!error_) error_ = std::move(error);
    return false;
  }
  bool broken() { return fail(bad_json("it ends or breaks off in the middle")); }

  void skip_spaces() {
    while (at_ < body_.size() && is_space(body_[at_])) ++at_, ++spaces_;
  }
  char peek() const { return at_ < body_.size() ? body_[at_] : '\0'; }

  // Stands on the opening quote; moves behind the closing one.
  bool string(bool& escaped) {
    const std::size_t begin = at_++;
    escaped = false;
    bool unicode = false;
    for (;;) {
      const void* quote = std::memchr(body_.data() + at_, '"', body_.size() - at_);
      if (quote == nullptr) return broken();
      const std::size_t end =
          static_cast<std::size_t>(static_cast<const char*>(quote) - body_.data());
      // Every backslash on the way takes the next byte with it.
      std::size_t i = at_;
      while (i < end) {
        const void* slash = std::memchr(body_.data() + i, '\\', end - i);
        if (slash == nullptr) {
          i = end;
          break;
        }
        i = static_cast<std::size_t>(static_cast<const char*>(slash) - body_.data());
        escaped = true;
        if (i + 1 < body_.size() && body_[i + 1] == 'u') unicode = true;
        i += 2;
      }
      at_ = i;
      if (i == end) break;
      if (i > body_.size()) return broken();
    }
    ++at_;
    if (unicode && !unquoted_text(body_.substr(begin, at_ - begin)))
      return fail(bad_json("a string holds a lone UTF-16 surrogate, which is no character"));
    return true;
  }

  bool value(std::string_view key, std::size_t key_begin, std::size_t depth) {
    if (document_.nodes_.size() >= JsonDocument::kMaxValues)
      return fail(
          bad_json("it holds more than " + std::to_string(JsonDocument::kMaxValues) + " values"));
    const std::size_t index = document_.nodes_.size();
    const std::size_t spaces_before = spaces_;
    Node& made = document_.nodes_.emplace_back();
    made.key = key;
    made.key_begin = static_cast<std::uint32_t>(key_begin);
    made.begin = static_cast<std::uint32_t>(at_);
    Kind kind{};
    std::uint32_t child_count = 0;
    if (!body_of_value(kind, child_count, index, depth)) return false;
    Node& node = document_.nodes_[index];  // the vector may have moved
    node.kind = kind;
    node.child_count = child_count;
    node.end = static_cast<std::uint32_t>(at_);
    node.spaces = static_cast<std::uint32_t>(spaces_ - spaces_before);
    node.next = static_cast<std::uint32_t>(document_.nodes_.size());
    return true;
  }

  bool body_of_value(Kind& kind, std::uint32_t& child_count, std::size_t index, std::size_t depth) {
    switch (peek()) {
      case '{':
        kind = Kind::object;
        return object(child_count, index, depth);
      case '[':
        kind = Kind::array;
        return array(child_count, depth);
      case '"': {
        kind = Kind::string;
        bool escaped;
        return string(escaped);
      }
      case 't':
        kind = Kind::true_;
        return word("true");
      case 'f':
        kind = Kind::false_;
        return word("false");
      case 'n':
        kind = Kind::null;
        return word("null");
      default:
        kind = Kind::number;
        return number();
    }
  }

  bool word(std::string_view expected) {
    if (body_.substr(at_, expected.size()) != expected) return broken();
    at_ += expected.size();
    return true;
  }

  bool number() {
    const std::size_t begin = at_;
    while (at_ < body_.size() && std::strchr("+-.eE0123456789", body_[at_]) != nullptr &&
           body_[at_] != '\0')
      ++at_;
    return at_ > begin || broken();
  }

  bool array(std::uint32_t& child_count, std::size_t depth) {
    if (depth + 1 > JsonDocument::kMaxDepth) return too_deep();
    ++at_;
    skip_spaces();
    if (peek() == ']') return ++at_, true;
    for (;;) {
      if (!value({}, 0, depth + 1)) return false;
      ++child_count;
      skip_spaces();
      const char c = peek();
      ++at_;
      if (c == ']') return true;
      if (c != ',') return broken();
      skip_spaces();
    }
  }

  bool object(std::uint32_t& child_count, std::size_t index, std::size_t depth) {
    if (depth + 1 > JsonDocument::kMaxDepth) return too_deep();
    ++at_;
    skip_spaces();
    if (peek() == '}') return ++at_, true;
    for (;;) {
      if (peek() != '"') return broken();
      const std::size_t key_begin = at_;
      bool escaped;
      if (!string(escaped)) return false;
      const std::string_view key = key_text(key_begin, escaped);
      skip_spaces();
      if (peek() != ':') return broken();
      ++at_;
      skip_spaces();
      path_.push_back(key);
      if (!value(key, key_begin, depth + 1)) return false;
      path_.pop_back();
      ++child_count;
      skip_spaces();
      const char c = peek();
      ++at_;
      if (c == '}') return no_equal_keys(index, child_count);
      if (c != ',') return broken();
      skip_spaces();
    }
  }

  bool too_deep() {
    return fail(bad_json("it is nested deeper than " + std::to_string(JsonDocument::kMaxDepth) +
                         " levels"));
  }

  std::string_view key_text(std::size_t key_begin, bool escaped) {
    const std::string_view token = body_.substr(key_begin, at_ - key_begin);
    if (!escaped) return token.substr(1, token.size() - 2);
    std::optional<std::string> text = unquoted_text(token);
    return document_.unescaped_keys_.emplace_back(text ? std::move(*text) : std::string());
  }

  bool no_equal_keys(std::size_t index, std::uint32_t child_count) {
    if (child_count < 2) return true;
    keys_.clear();
    for (std::size_t at = index + 1; at < document_.nodes_.size(); at = document_.nodes_[at].next)
      keys_.push_back(document_.nodes_[at].key);
    std::sort(keys_.begin(), keys_.end());
    const auto equal = std::adjacent_find(keys_.begin(), keys_.end());
    if (equal == keys_.end()) return true;
    std::string path;
    for (const std::string_view step : path_) path += shortened(step) + ".";
    path += shortened(*equal);
    return fail({"duplicate_key",
                 "The request's body has the key \"" + path +
                     "\" more than once in one object, and readers disagree about which one "
                     "counts. Send it once."});
  }

  JsonDocument& document_;
  std::string_view body_;
  std::size_t at_ = 0;
  std::size_t spaces_ = 0;  // seen so far, between tokens
  std::vector<std::string_view> path_;
  std::vector<std::string_view> keys_;
  std::optional<Error> error_;
};

Result<JsonDocument> JsonDocument::parse(std::string_view body) {
  if (body.empty()) return bad_json("it is empty");
  if (body.size() > kMaxBytes) return bad_json("it is too large");
  JsonDocument document;
  document.body_ = body;
  document.nodes_.reserve(std::min<std::size_t>(body.size() / 16 + 16, 4096));
  JsonIndexer indexer(document);
  // First, since it bounds the number of values: simdjson's memory grows with each, up to sixteen
  // bytes for one of the body.
  if (Result<void> indexed = indexer.run(); !indexed) return indexed.error();
  if (Result<void> grammar = check_grammar(body); !grammar) return grammar.error();
  return document;
}

Value JsonDocument::root() const { return {this, 0}; }

std::string_view Value::raw() const {
  return document_->body_.substr(node().begin, node().end - node().begin);
}

std::optional<Value> Value::find(std::string_view key) const {
  if (!is_object()) return std::nullopt;
  for (const Value member : *this) {
    if (member.key() == key) return member;
  }
  return std::nullopt;
}

std::string Value::text() const {
  if (!is_string()) return {};
  return unquoted_text(raw()).value_or(std::string());
}

Value::Iterator& Value::Iterator::operator++() {
  at_ = document_->nodes_[at_].next;
  return *this;
}

}  // namespace purser::providers
