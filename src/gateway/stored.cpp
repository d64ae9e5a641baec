#include "stored.h"

#include "shown.h"

namespace purser::gateway {

Result<void> count_stored(providers::RequestShape& shape,
                          const std::optional<ResponseOwners::Owner>& owner, const Id& user) {
  if (!shape.stored_ids.empty())
    return Error{
        "stored_object",
        "The stored object " + shown(shape.stored_ids.front()) +
            " was not made through Purser, so nobody here knows whose it is or what it costs. "
            "Send its content in the request instead."};
  if (!shape.previous_response_id) return {};
  if (owner && owner->user != user)
    return Error{"not_yours", "The response " + shown(*shape.previous_response_id) +
                                  " was made by another user."};
  if (owner) {
    shape.input_tokens += owner->tokens;
  } else {
    shape.reads_unseen = true;
    shape.unseen_reason = "previous_response_id";
  }
  return {};
}

}  // namespace purser::gateway
