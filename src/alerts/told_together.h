// What one command did to a cap is one story: people hear it in one message, machines get each
// event.
#pragma once

#include "compose.h"
#include "deliveries.h"

namespace purser::alerts {

// Of one plan, `planned` beside the `groups` it was composed of. A limit that was changed says that
// the pause is over, or that limit was moved and where to or from; a threshold that a change
// crossed says which change. What is said there is for machines only.
void tell_together(const std::vector<std::vector<StoredEvent>>& groups,
                   std::vector<Planned>& planned);

}  // namespace purser::alerts
