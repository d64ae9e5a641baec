#include "purser/identity/names.h"

#include <cstdint>
#include <optional>

#include "characters.h"
#include "purser/base/id.h"

namespace purser::identity {
namespace {

// The code point at `at`, which moves behind it; nothing where the bytes are not UTF-8 (RFC 3629).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at);
  const std::size_t length = first < 0x80             ? 1
                             : (first & 0xE0) == 0xC0 ? 2
                             : (first & 0xF0) == 0xE0 ? 3
                             : (first & 0xF8) == 0xF0 ? 4
                                                      : 0;
  if (length == 0 || at + length > text.size()) return std::nullopt;
  char32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    point = (point << 6) | (byte(i) & 0x3Fu);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kSmallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    return std::nullopt;
  at += length;
  return point;
}

bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x2069) ||
         point == 0xFEFF;
}

void append_utf8(std::string& out, char32_t point) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (point >> 6)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (point >> 12)));
    out.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (point >> 18)));
    out.push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
}

// The simple case folding of the blocks that European names are written in.
char32_t lower(char32_t point) {
  if (point >= 'A' && point <= 'Z') return point + 32;
  if (point >= 0xC0 && point <= 0xDE && point != 0xD7) return point + 32;    // Latin-1
  if (point >= 0x100 && point <= 0x137 && point != 0x130) return point | 1;  // Latin Extended-A:
  if (point >= 0x139 && point <= 0x148) return point % 2 == 1 ? point + 1 : point;  // pairs
  if (point >= 0x14A && point <= 0x177) return point | 1;
  if (point >= 0x179 && point <= 0x17E) return point % 2 == 1 ? point + 1 : point;
  if (point >= 0x391 && point <= 0x3A9 && point != 0x3A2) return point + 32;  // Greek
  if (point >= 0x410 && point <= 0x42F) return point + 32;                    // Cyrillic
  if (point >= 0x400 && point <= 0x40F) return point + 80;
  return point;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool looks_like_id(std::string_view text) {
  for (const auto prefix : {kUserPrefix, kTeamPrefix, kMembershipPrefix, kProjectPrefix,
                            kLabelPrefix, kKeyPrefix, kTemplatePrefix, kCapPrefix}) {
    if (parse_id(prefix, text)) return true;
  }
  return false;
}

bool is_domain(std::string_view domain) {
  if (domain.size() > 253 || domain.find('.') == std::string_view::npos) return false;
  while (true) {
    const auto dot = domain.find('.');
    const auto part = domain.substr(0, dot);
    if (part.empty() || part.size() > 63 || part.front() == '-' || part.back() == '-') return false;
    for (const char c : part) {
      if (!is_letter_or_digit(c) && c != '-') return false;
    }
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<std::string> checked_name(std::string_view text, std::string_view what) {
  const auto bad = [&](std::string_view why) {
    return Error{"bad_name", "The " + std::string(what) + " " + std::string(why) + "."};
  };
  text = trimmed(text);
  if (text.empty()) return bad("is empty: give at least one letter");
  if (text.size() > kMaxNameBytes)
    return bad("is longer than " + std::to_string(kMaxNameBytes) + " bytes: shorten it");
  for (std::size_t at = 0; at < text.size();) {
    const auto point = next_code_point(text, at);
    if (!point) return bad("is not valid UTF-8");
    if (is_control(*point)) return bad("has a control or invisible character in it: take it out");
  }
  if (looks_like_id(text)) return bad("has the form of an id: choose another");
  return std::string(text);
}

Result<std::string> checked_label(std::string_view text) {
  text = trimmed(text);
  const auto allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("._-/:").find(c) != std::string_view::npos;
  };
  bool fits = !text.empty() && text.size() <= kMaxLabelBytes && !looks_like_id(text);
  for (const char c : text) fits = fits && allowed(c);
  if (!fits)
    return Error{"bad_label",
                 "A label is 1 to 64 letters, digits and . _ - / : without spaces, such as "
                 "support-automation."};
  return std::string(text);
}

Result<std::string> checked_email(std::string_view text) {
  text = trimmed(text);
  const auto at = text.find('@');
  bool fits = at != std::string_view::npos && at > 0 && at <= 64 && text.size() <= kMaxEmailBytes &&
              is_domain(text.substr(at + 1));
  if (fits) {
    const auto local = text.substr(0, at);
    fits =
        local.front() != '.' && local.back() != '.' && local.find("..") == std::string_view::npos;
    for (const char c : local) {
      fits = fits && (is_letter_or_digit(c) ||
                      std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos);
    }
  }
  if (!fits) {
    return Error{"bad_email", text.empty() ? "The e-mail address is empty: give one such as "
                                             "ana@example.com."
                                           : "The e-mail address is not one like ana@example.com: "
                                             "check its letters, the @ and the domain."};
  }
  return std::string(text);
}

std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto point = next_code_point(text, at);
    if (!point) {
      out.append(text.substr(at));  // only where it was never checked: compared as it is
      break;
    }
    append_utf8(out, lower(*point));
  }
  return out;
}

}  // namespace purser::identity
