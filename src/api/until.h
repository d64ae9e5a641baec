// How long a raise or a reallocation lasts, and the members of a body that name a raise.
#pragma once

#include "call.h"
#include "purser/identity/raises.h"

namespace purser::api {

// "until": "cycle_end" (where absent), "for_good", or a time.
struct Until {
  bool cycle_end = true;
  bool for_good = false;
  Instant instant;

  static Until parse(Body& body, const Call& call);
  // Of this cap; nothing: for good.
  std::optional<Instant> of(const store::CapStatus& cap) const;
};

// "limit_usd" (the new limit) or "by_usd" (how much more), one of the two, and "until".
class RaiseBody {
 public:
  RaiseBody(Body& body, const Call& call);
  // What holds where neither a limit nor an amount is said.
  void set_default(std::optional<Nanos> limit);
  // Error: unknown_cap.
  Result<identity::RaiseTo> of(const Call& call, const Id& cap) const;

 private:
  std::optional<Nanos> limit_, by_;
  Until until_;
};

}  // namespace purser::api
