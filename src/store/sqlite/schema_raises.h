#pragma once

namespace purser::store {

extern const char* const kRaisesSchema;

}  // namespace purser::store
