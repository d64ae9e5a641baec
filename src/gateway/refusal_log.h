// The last refusals, for `explain`: kept in memory only, so that a refused retry costs no store, in
// places that are used again. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/providers/refusal.h"

namespace purser::gateway {

struct KeptRefusal {
  Instant at;
  Id user, key;                 // zero: no key of ours was sent
  std::string provider, model;  // empty: not known yet
  int status = 0;
  std::string code, message;
  std::string details;  // the members of a JSON object
};
std::string json_of(const Id& request, const KeptRefusal& kept);

class RefusalLog {
 public:
  explicit RefusalLog(std::size_t capacity) : capacity_(capacity) {}

  void add(const Id& request, KeptRefusal kept);
  // Looks at each id, some microseconds: only who asks for one request comes here.
  std::optional<KeptRefusal> find(const Id& request) const;

 private:
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::size_t oldest_ = 0;  // once all places are taken
  std::vector<Id> ids_;     // beside each other, to be looked through
  std::vector<KeptRefusal> kept_;
};

}  // namespace purser::gateway
