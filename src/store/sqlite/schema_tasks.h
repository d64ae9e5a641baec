#pragma once

namespace purser::store {

extern const char* const kTasksSchema;

}  // namespace purser::store
