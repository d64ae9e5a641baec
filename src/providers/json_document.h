// A JSON body read strictly, with the place of every value in it, so that a few of them can be
// replaced and every other byte stays as it came.
//
// simdjson decides whether the bytes are JSON at all (grammar, UTF-8, numbers); one pass of our own
// over what it accepted notes where each value lies and refuses what two readers would understand
// differently: equal keys in one object (simdjson takes the first, Python and Node the last) and
// lone surrogates. Limits: kMaxDepth, kMaxValues, kMaxBytes.
//
// A document refers to the body that it was made from, and a Value to its document.
#pragma once

#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/result.h"

namespace purser::providers {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Value;

class JsonDocument {
 public:
  static constexpr std::size_t kMaxDepth = 64;
  static constexpr std::size_t kMaxValues = 1'000'000;
  static constexpr std::size_t kMaxBytes = 1'000'000'000;

  // Errors: bad_json, duplicate_key (names the path of the key).
  static Result<JsonDocument> parse(std::string_view body);

  Value root() const;

 private:
  friend class Value;
  friend class JsonIndexer;
  enum class Kind : std::uint8_t { object, array, string, number, true_, false_, null };
  struct Node {
    std::string_view key;           // unescaped; empty for elements
    std::uint32_t key_begin = 0;    // its opening quote
    std::uint32_t begin = 0;        // the value
    std::uint32_t end = 0;          // behind the value
    std::uint32_t spaces = 0;       // bytes of white space between tokens inside the value
    std::uint32_t next = 0;         // the node behind this one and all that is in it
    std::uint32_t child_count = 0;  // members or elements
    Kind kind{};
  };
  std::string_view body_;
  std::vector<Node> nodes_;
  std::list<std::string> unescaped_keys_;  // nodes refer to them; mostly there are none
};

// One value of a document; cheap to copy.
class Value {
 public:
  bool is_object() const { return node().kind == Kind::object; }
  bool is_array() const { return node().kind == Kind::array; }
  bool is_string() const { return node().kind == Kind::string; }
  bool is_number() const { return node().kind == Kind::number; }
  bool is_true() const { return node().kind == Kind::true_; }
  bool is_false() const { return node().kind == Kind::false_; }
  bool is_null() const { return node().kind == Kind::null; }

  std::string_view key() const { return node().key; }
  Span span() const { return {node().begin, node().end}; }
  // For a member: its key, colon and value. For an element: the value.
  Span item_span() const {
    return {node().key_begin ? node().key_begin : node().begin, node().end};
  }
  std::string_view raw() const;
  // Bytes of the value without white space between its tokens.
  std::int64_t compact_bytes() const { return node().end - node().begin - node().spaces; }
  std::uint32_t child_count() const { return node().child_count; }
  // This value and all that is in it.
  std::int64_t value_count() const { return node().next - at_; }

  std::optional<Value> find(std::string_view key) const;
  // The text of a string; empty for anything else.
  std::string text() const;
  bool is_text(std::string_view expected) const { return is_string() && text() == expected; }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Value;

    Iterator(const JsonDocument* document, std::uint32_t at) : document_(document), at_(at) {}
    Value operator*() const { return {document_, at_}; }
    Iterator& operator++();
    bool operator==(const Iterator&) const = default;

   private:
    const JsonDocument* document_;
    std::uint32_t at_;
  };
  // The members of an object, the elements of an array; nothing in anything else.
  Iterator begin() const { return {document_, at_ + 1}; }
  Iterator end() const { return {document_, node().next}; }

 private:
  friend class JsonDocument;
  using Kind = JsonDocument::Kind;
  Value(const JsonDocument* document, std::uint32_t at) : document_(document), at_(at) {}
  const JsonDocument::Node& node() const { return document_->nodes_[at_]; }

  const JsonDocument* document_;
  std::uint32_t at_;
};

}  // namespace purser::providers
