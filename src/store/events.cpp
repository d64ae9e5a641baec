#include "purser/store/events.h"

#include "purser/base/check.h"

namespace purser::store {

std::string_view type_of(EventKind kind) {
  switch (kind) {
    case EventKind::threshold:
      return "cap.threshold";
    case EventKind::overspend:
      return "model.overspend";
    case EventKind::pause_ended:
      return "cap.pause_ended";
    case EventKind::limit_changed:
      return "cap.limit_changed";
    case EventKind::stopped:
      return "scope.stopped";
    case EventKind::resumed:
      return "scope.resumed";
    case EventKind::raise_asked:
      return "raise.asked";
    case EventKind::raise_decided:
      return "raise.decided";
    case EventKind::key_made:
      return "key.made";
    case EventKind::runs_out_early:
      return "cap.runs_out_early";
    case EventKind::audit_head:
      return "audit.head";
  }
  PURSER_ASSERT(false);
}

}  // namespace purser::store
