// Whether a request may have a usage already, without asking the file: ids begin with their time,
// so a request that is newer than every usage that is not remembered here cannot have one.
//
// Reserves ask this first (I3: a repeated one changes nothing); the file is asked only about ids
// that are old. An id's time may be off, or made up: then it is merely asked about, or the id
// remembered was older than most.
#pragma once

#include <cstddef>
#include <deque>

#include "purser/base/id.h"

namespace purser::store {

class KnownRequests {
 public:
  // `newest_in_file`: no usage in the file has a greater id (zero where there is none).
  explicit KnownRequests(const Id& newest_in_file = {}) : forgotten_(newest_in_file) {}

  // A usage was written, whether or not its batch is committed then.
  void add(const Id& request);
  // False: the file has none. True: ask it.
  bool may_be_known(const Id& request) const;

 private:
  static constexpr std::size_t kRemembered = 16'384;
  std::deque<Id> remembered_;  // in their order
  Id forgotten_;               // at least as great as every usage's id that is not remembered
};

}  // namespace purser::store
