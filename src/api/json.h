// Boost.JSON under a short name, and the few forms that every answer uses.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/base/money.h"

namespace purser::api {

namespace json = boost::json;

// A zero id is null.
json::value id_json(std::string_view prefix, const Id& id);
// RFC 3339; null where there is none.
json::value instant_json(const std::optional<Instant>& instant);
inline json::value instant_json(Instant instant) { return json::string(format_instant(instant)); }
// A decimal string, never a number.
inline json::value usd_json(Nanos amount) { return json::string(format_usd(amount)); }
// Empty is null.
json::value text_or_null(std::string_view text);
// The member's text; empty where there is none.
std::string text_member(const json::object& of, std::string_view name);
// Text from the store that holds JSON; null where it is empty, a string where it is not JSON.
json::value embedded_json(std::string_view text);

}  // namespace purser::api
