// Who changes something, and why: what every change of identity carries into the audit trail (I6).
#pragma once

#include <string>

#include "purser/store/store.h"

namespace purser::identity {

struct ChangedBy {
  store::Actor actor;
  std::string reason;  // may be empty
};

}  // namespace purser::identity
