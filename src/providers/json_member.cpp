#include "json_member.h"

namespace purser::providers {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks over JSON text that a parser has found valid; stops at the end of anything else.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  void step() { ++at_; }
  void skip_space() {
    while (!done() && is_space(text_[at_])) ++at_;
  }

  // Stands on the opening quote; returns what is between the quotes, escapes untouched.
  std::string_view take_string() {
    const std::size_t begin = ++at_;
    while (!done() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const std::size_t end = done() ? text_.size() : at_;
    ++at_;
    return text_.substr(begin, end - begin);
  }

  void skip_value() {
    std::size_t depth = 0;
    while (!done()) {
      const char c = text_[at_];
      if (depth == 0 && (c == ',' || c == '}' || c == ']' || is_space(c))) return;
      if (c == '"') {
        take_string();
        if (depth == 0) return;
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      ++at_;
      if ((c == '}' || c == ']') && --depth == 0) return;
    }
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Member {
  bool wanted = false;
  std::size_t begin = 0;        // its name's quote
  std::size_t end = 0;          // behind its value
  std::size_t comma_after = 0;  // behind the comma that follows it; 0: none follows
};

std::vector<Member> members_of(std::string_view json, std::string_view name) {
  std::vector<Member> members;
  Walker walker(json);
  walker.skip_space();
  if (walker.peek() != '{') return members;
  walker.step();
  while (true) {
    walker.skip_space();
    if (walker.peek() != '"') return members;
    Member member;
    member.begin = walker.at();
    member.wanted = walker.take_string() == name;
    walker.skip_space();
    if (walker.peek() != ':') return members;
    walker.step();
    walker.skip_space();
    walker.skip_value();
    if (walker.at() > json.size()) return members;
    member.end = walker.at();
    walker.skip_space();
    const bool more = walker.peek() == ',';
    if (more) {
      walker.step();
      member.comma_after = walker.at();
    }
    members.push_back(member);
    if (!more) return members;
  }
}

}  // namespace

std::vector<TextSpan> spans_of_member(std::string_view json, std::string_view name) {
  const std::vector<Member> members = members_of(json, name);
  std::vector<TextSpan> spans;
  // A wanted member takes the comma before it, from the end of the last member that stays; where
  // none stays before it, the comma behind it.
  std::size_t last_kept_end = 0;
  for (const Member& member : members) {
    if (!member.wanted) {
      last_kept_end = member.end;
      continue;
    }
    if (last_kept_end > 0) {
      spans.push_back({last_kept_end, member.end});
      last_kept_end = member.end;
    } else if (member.comma_after > 0) {
      // Up to the next member's name, so that no space is left behind the brace.
      std::size_t end = member.comma_after;
      while (end < json.size() && is_space(json[end])) ++end;
      spans.push_back({member.begin, end});
    } else {
      spans.push_back({member.begin, member.end});
    }
  }
  return spans;
}

}  // namespace purser::providers
