// A jump in what a usual day costs: a new team member, a new agent. The formula stands in
// purser/reports/forecast.h.
#pragma once

#include <vector>

#include "profiled_day.h"

namespace purser::reports {

// Where the days jumped from one level to another, and stand out from the noise, what lay before
// is scaled to the level after: it still tells how wild days are, and no longer how dear.
void level_out_jump(std::vector<ProfiledDay>& days);

}  // namespace purser::reports
