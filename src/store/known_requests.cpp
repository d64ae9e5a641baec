#include "known_requests.h"

#include <algorithm>

namespace purser::store {

void KnownRequests::add(const Id& request) {
  remembered_.insert(request);
  if (remembered_.size() <= kRemembered) return;
  forgotten_ = std::max(forgotten_, *remembered_.begin());
  remembered_.erase(remembered_.begin());
}

bool KnownRequests::may_be_known(const Id& request) const {
  return request <= forgotten_ || remembered_.contains(request);
}

}  // namespace purser::store
