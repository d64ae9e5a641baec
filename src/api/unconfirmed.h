// Usages whose end a crash hid: settled in full, and shown apart until it is known what they cost.
#pragma once

#include "call.h"
#include "purser/store/records.h"

namespace purser::api {

// Word for word the condition of the index over them. Rollups do not tell them apart.
static_assert(store::kUnconfirmed == 2);
inline constexpr const char* kIsUnconfirmed = "(flags & 2) <> 0";

// GET /api/v1/unconfirmed.
Result<Reply> list_unconfirmed(Call& call);

}  // namespace purser::api
