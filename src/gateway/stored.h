// What a request names that lies at the provider: whose it is, and what reading it again can cost.
//
// Stored objects are made outside of what Purser serves, so it cannot know whose they are: refused
// (`stored_object`). An earlier response it can know: of this user, its recorded tokens are what is
// read again; of another, it is refused (`not_yours`); not ours, it may be as long as the context
// window.
#pragma once

#include <optional>

#include "purser/base/result.h"
#include "purser/providers/request.h"
#include "state.h"

namespace purser::gateway {

// `owner`: of the shape's previous_response_id, where it is known.
Result<void> count_stored(providers::RequestShape& shape,
                          const std::optional<ResponseOwners::Owner>& owner, const Id& user);

}  // namespace purser::gateway
