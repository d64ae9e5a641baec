// What a browser sends of a form or behind a "?": name=value&name=value, escaped.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace purser::pages {

class Form {
 public:
  // What is broken, or comes twice, is left out: the page then says what is missing.
  static Form parse(std::string_view text);
  // Without spaces around it; empty where there is none.
  std::string text(std::string_view name) const;
  std::string exact(std::string_view name) const;  // a password is as it was typed

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// For a path or a query: all but letters, digits and -._~ as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace purser::pages
