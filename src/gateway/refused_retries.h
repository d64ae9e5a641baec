// The keys whose last request on this io thread was refused for spend, so that their next is likely
// the same again: it is then refused without the store, and, where its bytes are those of the last
// one, without reading them anew. Bounded. Used on one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "purser/base/id.h"
#include "understand.h"
#include "upstreams.h"

namespace purser::gateway {

// All that `understand` goes by.
struct RequestSeen {
  const std::shared_ptr<Upstreams>& by;
  const std::shared_ptr<const pricing::PriceBook>& book;
  providers::Format format;
  std::string_view betas;  // the field `anthropic-beta`
  std::string_view body;
};

class RefusedRetries {
 public:
  // The key's last request was refused for spend, or was not.
  void note(const Id& key, bool refused_for_spend);
  bool contains(const Id& key) const { return keys_.contains(key); }

  // What the key's last request was understood as, where this is the same; else null.
  const Understood* find(const Id& key, const RequestSeen& seen) const;
  // For the next time; of keys that are here, and of bodies that are not large.
  void keep(const Id& key, const RequestSeen& seen, const Understood& understood);

 private:
  struct Kept {
    InForce from;
    providers::Format format;
    std::string betas, body;
    Understood understood;
  };
  void replace(std::unique_ptr<const Kept>& kept, std::unique_ptr<const Kept> by);
  std::unordered_map<Id, std::unique_ptr<const Kept>> keys_;  // null: nothing is kept of it
  std::size_t kept_bytes_ = 0;                                // of bodies
};

}  // namespace purser::gateway
