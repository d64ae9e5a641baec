// HTML that is escaped by construction: what is made at run time can only become text or an
// attribute's value, and both are escaped; names of elements and attributes, and text that is taken
// as it is, are constants of the program.
//
//   element("p", {{"class", "hint"}}, {"Hello ", element("b", {}, {name})})
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace purser::pages {

class Constant {
 public:
  consteval Constant(const char* text) : text_(text) {}
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class Html {
 public:
  Html() = default;
  Html(std::string_view text);  // escaped
  Html(const std::string& text) : Html(std::string_view(text)) {}
  Html(const char* text) : Html(std::string_view(text)) {}

  Html& operator+=(const Html& more);
  bool empty() const { return code_.empty(); }
  const std::string& code() const { return code_; }

 private:
  friend Html as_it_is(Constant);
  friend struct HtmlMaker;
  std::string code_;
};

struct Attribute {
  Constant name;
  std::string value;
  bool present = true;
};
using Attributes = std::initializer_list<Attribute>;

Html as_it_is(Constant code);
Html element(Constant name, Attributes attributes, const std::vector<Html>& children);
Html single(Constant name, Attributes attributes);  // without an end: input, meta, br

}  // namespace purser::pages
