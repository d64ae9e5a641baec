// The early alert, with the setting `early_pace_alerts`: the forecast says that a cap will be spent
// well before its cycle ends. It is told once for each cycle and limit.
//
// So that it is no noise: of caps by the week or longer, once two days and a tenth of the cycle are
// gone, a fifth of the limit is spent and the cap is not near its end anyway (95 %); and only where
// it runs out a day and a tenth of the cycle early.
//
// Every cap is looked at about once an hour, a few at a time, since each costs a forecast.
//
// Threading: used by one thread. Reads and changes throw what the store throws.
#pragma once

#include "purser/store/store.h"

namespace purser::alerts {

class EarlyPace {
 public:
  EarlyPace(store::Store& store, Env& env) : store_(store), env_(env) {}
  // Looks at the next few caps; call it every few seconds.
  void run();

 private:
  store::Store& store_;
  Env& env_;
  Duration next_sweep_{};  // on the boot clock
  Id after_;               // of this sweep: the cap that was looked at last
};

}  // namespace purser::alerts
