// Short forms of which the verb tables are made.
#pragma once

#include <string>
#include <vector>

#include "verb.h"

namespace purser::main {

inline Parameter in_path(std::string flag, std::string key, std::string help) {
  return {std::move(flag), std::move(key), std::move(help), Where::path, Kind::text, true};
}
inline Parameter in_body(std::string flag, std::string key, std::string help,
                         Kind kind = Kind::text) {
  return {std::move(flag), std::move(key), std::move(help), Where::body, kind, false};
}
inline Parameter in_query(std::string flag, std::string key, std::string help,
                          Kind kind = Kind::text) {
  return {std::move(flag), std::move(key), std::move(help), Where::query, kind, false};
}
inline Parameter own(std::string flag, std::string key, std::string help, Kind kind = Kind::text) {
  return {std::move(flag), std::move(key), std::move(help), Where::own, kind, false};
}
inline Parameter required(Parameter parameter) {
  parameter.required = true;
  return parameter;
}
inline Parameter reason_in_body() {
  return in_body("--reason", "reason", "why, for the audit trail");
}
inline Parameter reason_in_query() {
  return in_query("--reason", "reason", "why, for the audit trail");
}

// Every page of a list: --limit and --after.
std::vector<Parameter> with_page(std::vector<Parameter> parameters);

// --workspace, --team NAME, --user EMAIL, … : one of them says which scope.
std::vector<Parameter> with_scope(std::vector<Parameter> parameters);
struct ScopeName {
  std::string scope;  // "team"; empty: none was given
  std::string name;   // "engineering"; empty for the workspace
};
// Errors: `two_scopes`.
Result<ScopeName> scope_given(const Given& given);
// As members "scope" and "name" of the body. Errors: those above, `no_scope`.
Result<void> put_scope_into_body(const Given& given, Draft& draft);
// As query parameters, where one was given.
Result<void> put_scope_into_query(const Given& given, Draft& draft);

// --until, --for-good or neither: the body's "until". Error: `two_ends`.
Result<void> put_until(const Given& given, Draft& draft);

// --month 150 --day 20: the body's "caps", each of them hard.
std::vector<Parameter> with_limits(std::vector<Parameter> parameters);
// Error: `bad_amount`.
Result<void> put_limits(const Given& given, Draft& draft);

}  // namespace purser::main
