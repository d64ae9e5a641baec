// Who read whose requests. A single request carries what its client put into it (its task, end
// user, metadata), so an admin, finance or a lead who reads another's leaves an entry in the audit
// trail: once for each reader and request, as far as the last kMostReads are remembered, so that a
// page that is looked at again and again does not fill the trail. Thread-safe.
#pragma once

#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "call.h"

namespace purser::api {

class RequestReads {
 public:
  static constexpr std::size_t kMostReads = 10'000;

  // True for the first read of this pair.
  bool is_new(const Id& reader, const Id& request);
  // It could not be put on record: the next read of the pair is new again.
  void forget(const Id& reader, const Id& request);

 private:
  using Pair = std::pair<Id, Id>;
  std::mutex mutex_;
  std::set<Pair> seen_;
  std::deque<Pair> order_;
};

// What the entry says of whose request it was: {"user":"ana@example.com"}.
std::string read_value(std::string_view user_handle);

}  // namespace purser::api
