// What refuses AI requests now: spent hard caps, which pause, and what an admin has stopped.
#pragma once

#include "call.h"

namespace purser::api {

struct Pauses {
  json::array items;
  bool more = false;  // than are told
};

// Whether a cap is hard and spent. Of one that is reached but not paused, a request small enough
// passes; people were told of it at 100 % all the same.
bool is_spent(const store::CapStatus& status);

// Those that refuse the caller's own requests come first, then what can refuse them: labels,
// projects of their teams, their tasks. A use key is told of nothing else; who has a manage key or
// is signed in, of all that they may see, a hundred at most.
Pauses pauses_seen_by(const Call& call, store::Sql& sql);

}  // namespace purser::api
