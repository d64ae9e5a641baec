#include "purser/alerts/channel.h"
#include "purser/store/events.h"

namespace purser::alerts {

std::vector<std::string_view> event_types() {
  using store::EventKind;
  std::vector<std::string_view> types;
  for (const EventKind kind :
       {EventKind::threshold, EventKind::overspend, EventKind::pause_ended,
        EventKind::limit_changed, EventKind::stopped, EventKind::resumed, EventKind::raise_asked,
        EventKind::raise_decided, EventKind::key_made, EventKind::runs_out_early,
        EventKind::audit_head}) {
    types.push_back(store::type_of(kind));
  }
  return types;
}

}  // namespace purser::alerts
