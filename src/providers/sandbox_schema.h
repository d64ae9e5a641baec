// Makes up a JSON value that satisfies a JSON Schema, for a tool's arguments and for structured
// output. It knows what the providers' strict modes allow: types, enum, const, anyOf, $ref, bounds
// of numbers, lengths and items. Of a `pattern` it knows nothing.
#pragma once

#include <string>
#include <string_view>

namespace purser::providers {

struct SchemaHints {
  std::string_view asked;    // the user's text: for queries, places and the like
  std::string_view command;  // for members that are a command; empty: a harmless one
};

// Minified JSON. Of a schema that is no object: "{}".
std::string json_for_schema(std::string_view schema_json, const SchemaHints& hints);

}  // namespace purser::providers
