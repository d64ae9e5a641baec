#include "csv.h"

#include <algorithm>

namespace purser::api {
namespace {

Error bad_csv(std::size_t line, std::string why) {
  return Error{"bad_csv", "Line " + std::to_string(line) + ": " + std::move(why) + "."};
}

// By the first line that is not empty; what stands in quotes there separates nothing.
char separator_of(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
  bool quoted = false;
  char found = ',';
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ',') return ',';
    if (c == ';') found = ';';
    if (c == '\n') break;
  }
  return found;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    separator_ = separator_of(text_);
  }

  Result<std::vector<CsvRow>> read() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row;
      row.line = line_;
      if (auto read = read_row(row); !read) return read.error();
      if (row.fields.size() == 1 && row.fields.front().empty()) continue;
      if (rows.size() == kMaxCsvRows)
        return bad_csv(row.line, "there are more than 5000 rows; split the file");
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool at_end_of_line() const {
    return at_ >= text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
  }

  void skip_end_of_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size()) ++at_;
    ++line_;
  }

  Result<void> read_row(CsvRow& row) {
    while (true) {
      std::string field;
      if (auto read = read_field(field); !read) return read;
      row.fields.push_back(std::move(field));
      if (row.fields.size() > kMaxCsvFields)
        return bad_csv(row.line, "there are more than 50 columns");
      if (at_end_of_line()) {
        skip_end_of_line();
        return {};
      }
      ++at_;  // the separator
    }
  }

  Result<void> read_field(std::string& field) {
    if (at_ < text_.size() && text_[at_] == '"') return read_quoted(field);
    while (!at_end_of_line() && text_[at_] != separator_) {
      if (text_[at_] == '"') return bad_csv(line_, "a quote stands inside a field without quotes");
      field.push_back(text_[at_++]);
    }
    return {};
  }

  Result<void> read_quoted(std::string& field) {
    const std::size_t began = line_;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        if (at_ < text_.size() && text_[at_] == '"') {
          field.push_back('"');
          ++at_;
          continue;
        }
        if (at_end_of_line() || text_[at_] == separator_) return {};
        return bad_csv(line_, "something follows a closing quote");
      }
      if (c == '\n') ++line_;
      field.push_back(c);
    }
    return bad_csv(began, "a quote is never closed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  char separator_ = ',';
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text) { return Reader(text).read(); }

}  // namespace purser::api
