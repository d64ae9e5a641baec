// Steps that several changes share.
#pragma once

#include "purser/identity/changed_by.h"
#include "purser/identity/memberships.h"

namespace purser::identity {

// Ends the membership, whoever it is of: its keys are revoked, its caps end.
Result<void> close_membership(store::Change& change, const Membership& membership,
                              const ChangedBy& by);

}  // namespace purser::identity
