#include "table.h"

#include <algorithm>

#include "purser/base/check.h"

namespace purser::main {

namespace {

// Columns on the screen: code points, which is right for all but wide scripts.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t columns, Align align) {
  const std::string spaces(columns - std::min(columns, width(text)), ' ');
  return align == Align::right ? spaces + text : text + spaces;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  PURSER_ASSERT(cells.size() == headings_.size());
  for (std::string& cell : cells) {
    cell = printable(cell);
    std::ranges::replace(cell, '\n', ' ');
  }
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  std::vector<std::string> first;
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    first.push_back(headings_[i].text);
    widths.push_back(width(headings_[i].text));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  const auto write = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += (i == 0 ? "" : "  ") + padded(row[i], widths[i], headings_[i].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  write(first);
  for (const auto& row : rows_) write(row);
  return out;
}

std::string printable(std::string_view text) {
  std::string out{text};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) out[i] = ' ';
    // C1 controls, in UTF-8: some terminals obey them.
    if (byte == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0) {
      out[i] = out[i + 1] = ' ';
    }
  }
  return out;
}

std::string readable_amount(std::string_view decimal) {
  const bool negative = decimal.starts_with('-');
  const std::string_view digits = decimal.substr(negative ? 1 : 0);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::string_view whole = digits.substr(0, point);
  std::string fraction{point < digits.size() ? digits.substr(point + 1) : std::string_view{}};
  const auto is_digits = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (whole.empty() || !is_digits(whole) || !is_digits(fraction)) return std::string(decimal);

  std::string grouped;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) grouped += ',';
    grouped += whole[i];
  }
  while (fraction.size() < 2) fraction += '0';
  return (negative ? "-" : "") + grouped + "." + fraction;
}

}  // namespace purser::main
