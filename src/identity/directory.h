#pragma once

#include "purser/identity/key_ring.h"

namespace purser::identity {

Directory read_directory(store::Store& store);

}  // namespace purser::identity
