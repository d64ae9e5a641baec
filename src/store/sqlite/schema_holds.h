#pragma once

namespace purser::store {

extern const char* const kHoldsSchema;

}  // namespace purser::store
