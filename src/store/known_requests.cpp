#include "known_requests.h"

#include <algorithm>

namespace purser::store {

void KnownRequests::add(const Id& request) {
  // Settles come nearly in the order of their ids, so its place is nearly at the end.
  const auto place = std::lower_bound(remembered_.begin(), remembered_.end(), request);
  if (place != remembered_.end() && *place == request) return;
  remembered_.insert(place, request);
  if (remembered_.size() <= kRemembered) return;
  forgotten_ = std::max(forgotten_, remembered_.front());
  remembered_.pop_front();
}

bool KnownRequests::may_be_known(const Id& request) const {
  if (request <= forgotten_) return true;
  if (remembered_.empty() || remembered_.back() < request) return false;
  return std::binary_search(remembered_.begin(), remembered_.end(), request);
}

}  // namespace purser::store
