#include "head_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "characters.h"

namespace purser::http {

namespace {

bool is_own_to_write(std::string_view name) {
  switch (name.size()) {
    case 2:
      return equal_without_case(name, "te");
    case 7:
      return equal_without_case(name, "upgrade") || equal_without_case(name, "trailer");
    case 10:
      return equal_without_case(name, "connection") || equal_without_case(name, "keep-alive");
    case 14:
      return equal_without_case(name, "content-length");
    case 16:
      return equal_without_case(name, "proxy-connection");
    case 17:
      return equal_without_case(name, "transfer-encoding");
    default:
      return false;
  }
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 529:
      return "Overloaded";
    default:
      return "Status";
  }
}

void append_number(std::string& out, std::uint64_t number, int base) {
  std::array<char, 24> digits;
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), end);
}

void append_status_line(std::string& out, int status) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  // Most lines fit, and then grow the text once instead of four times.
  std::array<char, 160> line;
  const std::size_t size = name.size() + value.size() + 4;
  if (size > line.size()) {
    out.append(name).append(": ").append(value).append("\r\n");
    return;
  }
  char* at = std::copy(name.begin(), name.end(), line.begin());
  at = std::copy_n(": ", 2, at);
  at = std::copy(value.begin(), value.end(), at);
  std::copy_n("\r\n", 2, at);
  out.append(line.data(), size);
}

bool append_field_if_valid(std::string& out, Field field) {
  if (is_own_to_write(field.name)) return true;
  if (!is_token(field.name) || !all_of(field.value, kValueByte)) return false;
  append_field(out, field.name, field.value);
  return true;
}

std::size_t append_fields(std::string& out, const Fields& fields) {
  std::size_t dropped = 0;
  for (const Field field : fields) dropped += append_field_if_valid(out, field) ? 0 : 1;
  return dropped;
}

std::string_view http_date(Instant now) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::seconds;
  thread_local std::chrono::sys_seconds cached{seconds{-1}};
  thread_local std::array<char, 40> text{};
  const auto second = floor<seconds>(now);
  if (second != cached) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{second - day};
    const unsigned weekday = std::chrono::weekday{day}.c_encoding();
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", kDays[weekday],
                  static_cast<unsigned>(date.day()),
                  kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    cached = second;
  }
  return text.data();
}

}  // namespace purser::http
