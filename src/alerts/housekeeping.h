// What no command brings about but time: a pause that ends with its cycle, the daily head of the
// audit trail, and the early alert. Each is announced once, in a transaction that looks whether it
// was.
#pragma once

#include "early_pace.h"
#include "purser/store/store.h"

namespace purser::alerts {

class Housekeeping {
 public:
  Housekeeping(store::Store& store, Env& env) : store_(store), env_(env), early_pace_(store, env) {}
  void run();

 private:
  void end_raises();
  void end_pauses();
  void tell_audit_head();

  store::Store& store_;
  Env& env_;
  EarlyPace early_pace_;
  std::int64_t told_day_ = 0;  // days since 1970
};

}  // namespace purser::alerts
