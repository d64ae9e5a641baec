#include "told_together.h"

namespace purser::alerts {
namespace {

using store::EventKind;

bool is_of_one_command(const StoredEvent& a, const StoredEvent& b) {
  return a.sequence == b.sequence && &a != &b;
}

// What one cap gave and the other got.
bool is_a_move(const StoredEvent& a, const StoredEvent& b) {
  const auto gained = [](const StoredEvent& event) {
    return event.usd("limit_usd") - event.usd("old_limit_usd");
  };
  return a.cap != b.cap && gained(a) != Nanos{0} && gained(a) + gained(b) == Nanos{0};
}

}  // namespace

void tell_together(const std::vector<std::vector<StoredEvent>>& groups,
                   std::vector<Planned>& planned) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const StoredEvent& change = groups[i].front();
    if (change.kind != EventKind::limit_changed) continue;
    for (std::size_t j = 0; j < groups.size(); ++j) {
      const StoredEvent& other = groups[j].front();
      if (!is_of_one_command(change, other)) continue;
      const bool same_cap = other.cap == change.cap;
      auto& paragraphs = planned[i].message.paragraphs;
      if (same_cap && other.kind == EventKind::pause_ended) {
        paragraphs.insert(paragraphs.begin(), "AI requests under this cap pass again.");
        planned[j].for_machines_only = true;
      } else if (same_cap && other.kind == EventKind::threshold) {
        auto& of_threshold = planned[j].message.paragraphs;
        of_threshold.insert(of_threshold.begin(), planned[i].message.title + ".");
        planned[i].for_machines_only = true;
      } else if (other.kind == EventKind::limit_changed && is_a_move(change, other)) {
        paragraphs.insert(paragraphs.begin(),
                          "Limit was moved between two caps: " + planned[j].message.title + ".");
      }
    }
  }
}

}  // namespace purser::alerts
