// A map in two layers: what is published, and what the batch in hand has changed of it. The writer
// works on the changes and reads through them; `publish` after COMMIT moves them down, `discard`
// forgets them. So no reader ever sees what is not durable.
#pragma once

#include <optional>
#include <unordered_map>
#include <utility>

#include "purser/base/check.h"

namespace purser::store {

template <typename Key, typename Value>
class Layered {
 public:
  using Changes = std::unordered_map<Key, std::optional<Value>>;

  // Through both layers; null where there is none. For the writer's thread.
  const Value* find(const Key& key) const {
    if (const auto change = changes_.find(key); change != changes_.end())
      return change->second ? &*change->second : nullptr;
    return published(key);
  }
  // A copy of the published value in the layer of changes; `key` must exist.
  Value& edit(const Key& key) {
    if (const auto change = changes_.find(key); change != changes_.end()) {
      PURSER_ASSERT(change->second.has_value());
      return *change->second;
    }
    const Value* value = published(key);
    PURSER_ASSERT(value != nullptr);
    return *changes_.emplace(key, *value).first->second;
  }
  Value& put(const Key& key, Value value) {
    return *changes_.insert_or_assign(key, std::move(value)).first->second;
  }
  void erase(const Key& key) { changes_.insert_or_assign(key, std::nullopt); }

  const Value* published(const Key& key) const {
    const auto value = published_.find(key);
    return value == published_.end() ? nullptr : &value->second;
  }
  std::size_t published_size() const { return published_.size(); }

  // What the batch has changed; a value may be edited in place.
  Changes& changes() { return changes_; }
  const Changes& changes() const { return changes_; }
  void restore(Changes changes) { changes_ = std::move(changes); }

  // Every value, through both layers. `take` must not change the map.
  template <typename Take>
  void each(Take&& take) const {
    for (const auto& [key, value] : published_)
      if (!changes_.contains(key)) take(key, value);
    for (const auto& [key, value] : changes_)
      if (value) take(key, *value);
  }

  void publish() {
    for (auto& [key, value] : changes_) {
      if (value)
        published_.insert_or_assign(key, std::move(*value));
      else
        published_.erase(key);
    }
    discard();
  }
  void discard() {
    // To clear a map costs time for all its buckets, as many as its largest batch (a start, an
    // import) ever needed.
    if (changes_.bucket_count() > kMostBucketsKept)
      changes_ = {};
    else
      changes_.clear();
  }
  void clear() {
    discard();
    published_.clear();
  }

 private:
  static constexpr std::size_t kMostBucketsKept = 1024;

  std::unordered_map<Key, Value> published_;
  Changes changes_;
};

}  // namespace purser::store
