// Reads the members of a request's JSON body, strictly: a wrong type, a missing or an unknown
// member is an error that names it. The first error is kept; read everything, then ask `finish`.
//
//   Body body(call.body);
//   const std::string name = body.required_text("name");
//   const auto role = body.text("role");
//   if (auto read = body.finish(); !read) return read.error();
#pragma once

#include <set>
#include <vector>

#include "json.h"
#include "purser/base/result.h"

namespace purser::api {

inline constexpr std::size_t kMaxListItems = 1000;

class Body {
 public:
  explicit Body(const json::object& object) : object_(object) {}

  bool has(std::string_view name);  // present, even as null
  bool is_null(std::string_view name);
  std::optional<std::string> text(std::string_view name);
  std::string required_text(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<Nanos> usd(std::string_view name);
  Nanos required_usd(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name);
  const json::array* array(std::string_view name);
  const json::object* object(std::string_view name);

  void fail(Error error);
  Result<void> finish();

 private:
  const json::value* find(std::string_view name);
  void wrong_type(std::string_view name, std::string_view wanted);
  void missing(std::string_view name);

  const json::object& object_;
  std::set<std::string, std::less<>> read_;
  std::optional<Error> error_;
};

// At most kMaxBodyBytes, 16 deep. Errors: bad_json, body_too_large.
inline constexpr std::size_t kMaxBodyBytes = 4 << 20;
Result<json::object> parse_object(std::string_view text);

}  // namespace purser::api
