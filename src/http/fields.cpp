#include "purser/http/fields.h"

namespace purser::http {

namespace {
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
}  // namespace

bool detail::equal_letters(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

Fields::Fields(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

void Fields::add(std::string_view name, std::string_view value) {
  const auto begin = static_cast<std::uint32_t>(text_.size());
  text_.append(name).append(value);
  entries_.push_back(
      {begin, static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())});
}

void Fields::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

std::size_t Fields::remove(std::string_view name) {
  // The text stays behind; a list lives for one message.
  return std::erase_if(
      entries_, [&](const Entry& entry) { return equal_without_case(name_of(entry), name); });
}

void Fields::clear() {
  text_.clear();
  entries_.clear();
}

void Fields::reserve(std::size_t field_count, std::size_t text_bytes) {
  entries_.reserve(field_count);
  text_.reserve(text_bytes);
}

Field Fields::operator[](std::size_t index) const {
  const Entry& entry = entries_[index];
  return {name_of(entry), value_of(entry)};
}

std::string_view Fields::name_of(const Entry& entry) const {
  return {text_.data() + entry.name_begin, entry.name_size};
}

std::string_view Fields::value_of(const Entry& entry) const {
  return {text_.data() + entry.name_begin + entry.name_size, entry.value_size};
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (equal_without_case(name_of(entry), name)) return value_of(entry);
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  std::size_t found = 0;
  for (const Field field : *this) found += equal_without_case(field.name, name) ? 1 : 0;
  return found;
}

std::string Fields::joined(std::string_view name) const {
  std::string all;
  for (const Field field : *this) {
    if (!equal_without_case(field.name, name)) continue;
    if (!all.empty()) all += ", ";
    all += field.value;
  }
  return all;
}

}  // namespace purser::http
