// A consistent copy of a database that is in use.
#pragma once

#include <string>

#include "purser/base/result.h"

namespace purser::store {

// `to` must not exist; it gets mode 0600. Errors: cannot_write.
Result<void> back_up(const std::string& from, const std::string& to);

}  // namespace purser::store
