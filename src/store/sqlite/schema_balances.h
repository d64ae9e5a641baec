// The seventh step: what changes with every request stands in narrow rows, so that a commit of many
// requests writes few pages. `accounts` and `rollups` become views, with the columns they had (and
// an account's number); `usages` becomes a table whose new rows come at its end.
#pragma once

namespace purser::store {

extern const char* const kBalancesSchema;

}  // namespace purser::store
