// A request's query string: decoded, each parameter once, unknown ones refused.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "purser/base/id.h"
#include "purser/base/money.h"
#include "purser/base/result.h"

namespace purser::api {

inline constexpr std::size_t kDefaultPage = 100;
inline constexpr std::size_t kMaxPage = 1000;

class Query {
 public:
  // Errors: bad_query (a broken %-escape, or a parameter given twice).
  static Result<Query> parse(std::string_view text);

  std::string text(std::string_view name);          // empty: absent
  bool flag(std::string_view name);                 // true, 1 or empty: yes
  std::size_t limit();                              // 1 to kMaxPage; sets an error otherwise
  std::optional<Nanos> usd(std::string_view name);  // sets an error where it is no amount
  Id after(std::string_view prefix);                // the cursor of a page; zero: from the start
  Result<void> finish();  // the first error, or a parameter that nobody read

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::set<std::string, std::less<>> read_;
  std::optional<Error> error_;
};

// "%C3%A9" is é, "+" is a space where `plus` says so.
std::optional<std::string> percent_decoded(std::string_view text, bool plus);

}  // namespace purser::api
