// Tables for a terminal: columns as wide as they need, amounts to the right.
//
//   Table table({{"TEAM", Align::left}, {"SPENT", Align::right}});
//   table.add({"engineering", "1,204.50"});
//   table.text();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace purser::main {

enum class Align : std::uint8_t { left, right };

class Table {
 public:
  struct Heading {
    std::string text;
    Align align = Align::left;
  };
  explicit Table(std::vector<Heading> headings) : headings_(std::move(headings)) {}

  // As many cells as headings. Control characters of a cell show as spaces, so that no name can
  // speak to the terminal.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // With a line end after each row; no spaces at the ends of lines.
  std::string text() const;

 private:
  std::vector<Heading> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Text of a server or a file as a terminal may safely show it.
std::string printable(std::string_view text);

// "1234.5" → "1,234.50"; with more than two decimals, all of them: "0.000012345". What is no amount
// comes back as it is.
std::string readable_amount(std::string_view decimal);

}  // namespace purser::main
