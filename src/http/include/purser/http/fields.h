// The header fields of a message: an ordered list of (name, value). Names compare without case;
// order and spelling are kept, since some clients and providers look at both.
//
// Two allocations hold the whole list, however long. A view taken from it is valid until the list
// changes. Values carry no surrounding blanks. What a parser of this module hands out is clean
// (names are tokens, values have no control bytes); what a caller adds is checked when it is
// written to the wire, and a field that could split a message is left out and counted.
//
//   Fields fields;
//   fields.add("Content-Type", "application/json");
//   if (auto type = fields.find("content-type")) use(*type);
//   for (Field field : fields) log(field.name, field.value);
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser::http {

// ASCII only, as field names are.
namespace detail {
bool equal_letters(std::string_view a, std::string_view b);  // of one length
}
inline bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && detail::equal_letters(a, b);
}

struct Field {
  std::string_view name;
  std::string_view value;
};

class Fields {
 public:
  Fields() = default;
  Fields(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

  void add(std::string_view name, std::string_view value);  // after what has that name already
  void set(std::string_view name, std::string_view value);  // in place of all that have that name
  std::size_t remove(std::string_view name);                // how many went
  void clear();
  void reserve(std::size_t field_count, std::size_t text_bytes);

  std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
  std::size_t count(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  // All values of that name, joined by ", ".
  std::string joined(std::string_view name) const;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  Field operator[](std::size_t index) const;

  class Iterator {
   public:
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    Iterator(const Fields* fields, std::size_t index) : fields_(fields), index_(index) {}
    Field operator*() const { return (*fields_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Fields* fields_;
    std::size_t index_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, entries_.size()}; }

 private:
  struct Entry {
    std::uint32_t name_begin;
    std::uint32_t name_size;
    std::uint32_t value_size;  // the value stands right behind its name
  };
  std::string_view name_of(const Entry& entry) const;
  std::string_view value_of(const Entry& entry) const;

  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace purser::http
