// The seventh step: what changes with every request stands in narrow rows, so that a commit of many
// requests writes few pages. `accounts` and `rollups` become views, with the columns they had.
#pragma once

namespace purser::store {

extern const char* const kBalancesSchema;

}  // namespace purser::store
