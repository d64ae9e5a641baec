#include "purser/alerts/channel.h"
#include "purser/store/events.h"

namespace purser::alerts {

std::vector<std::string_view> event_types() {
  std::vector<std::string_view> types;
  for (std::size_t kind = 0; kind < store::kEventKindCount; ++kind)
    types.push_back(store::type_of(static_cast<store::EventKind>(kind)));
  return types;
}

}  // namespace purser::alerts
