#include "purser/audit/check.h"

#include <algorithm>
#include <array>
#include <utility>

namespace purser::audit {
namespace {

constexpr std::array<std::string_view, 9> kFlaws = {"edited",   "rehashed",  "missing",
                                                    "moved",    "swapped",   "repeated",
                                                    "disorder", "malformed", "head"};

std::string which(const Entry& entry) {
  return std::to_string(entry.sequence) + " (" + entry.action + " of " + entry.target + ")";
}

std::string range(std::uint64_t first, std::uint64_t last) {
  if (first == last) return "entry " + std::to_string(first) + " is";
  return "entries " + std::to_string(first) + " to " + std::to_string(last) + " are";
}

}  // namespace

std::string_view name(Flaw flaw) { return kFlaws[static_cast<std::size_t>(flaw)]; }

ChainCheck::ChainCheck(std::vector<GivenHead> heads) {
  for (const GivenHead& head : heads) heads_.push_back({head});
}

void ChainCheck::add(Flaw flaw, std::uint64_t sequence, std::string sentence) {
  add({flaw, sequence, sequence, std::move(sentence)});
}

void ChainCheck::add(Finding finding) {
  if (findings_.size() < kMostFindings)
    findings_.push_back(std::move(finding));
  else
    ++left_out_;
}

void ChainCheck::meet_heads(const Entry& entry, const Hash& stored) {
  for (SoughtHead& head : heads_) {
    const bool is_same = head.given.hash == stored;
    if (head.given.sequence ? *head.given.sequence == entry.sequence : is_same) {
      head.is_found = is_same;
      head.is_other = !is_same;
    }
  }
}

// A part of a trail, which goes on from a head that was given.
bool ChainCheck::starts_at_head(const Entry& entry, const Hash& stored) {
  for (SoughtHead& head : heads_) {
    const bool is_before = !head.given.sequence || *head.given.sequence + 1 == entry.sequence;
    if (!is_before || entry_hash(head.given.hash, entry) != stored) continue;
    head.is_found = true;
    return true;
  }
  return false;
}

void ChainCheck::take(const Entry& entry, const Hash& stored) {
  const bool is_first = entries_++ == 0;
  meet_heads(entry, stored);
  if (entry.sequence <= head_.sequence) {
    add(Flaw::repeated, entry.sequence,
        "Audit entry " + std::to_string(entry.sequence) + " stands twice.");
    return;
  }
  const bool is_gap = entry.sequence != head_.sequence + 1;
  Hash expected = stored;
  if (is_gap && !(is_first && starts_at_head(entry, stored))) {
    gaps_.push_back({head_.sequence + 1, entry.sequence - 1, head_.hash});
    suspects_.push_back({entry, stored, head_.hash, true});
  } else if (!is_gap && entry_hash(head_.hash, entry) != stored) {
    expected = entry_hash(recomputed_, entry);
    if (expected == stored) {
      // It follows from what the ones before it say, not from the hashes that they carry.
      std::uint64_t sequence = head_.sequence;
      for (auto at = suspects_.rbegin(); at != suspects_.rend(); ++at)
        if (at->entry.sequence == sequence-- && !at->after_gap) at->is_rehashed = true;
    } else {
      suspects_.push_back({entry, stored, head_.hash});
    }
  }
  if (suspects_.size() > kMostSuspects) tell_suspects();
  recomputed_ = expected;
  head_ = {entry.sequence, entry.at, stored};
}

bool ChainCheck::belongs(const Suspect& suspect, std::uint64_t sequence, const Hash& before) {
  if (trials_ > kMostTrials) return false;
  trials_ += 1 + suspects_.size();
  Entry entry = suspect.entry;
  entry.sequence = sequence;
  if (entry_hash(before, entry) == suspect.stored) return true;
  return std::any_of(suspects_.begin(), suspects_.end(), [&](const Suspect& other) {
    return entry_hash(other.stored, entry) == suspect.stored;
  });
}

// Its hash covers its number and the hash before it, so the place of which both are right is the
// one for which it was written.
void ChainCheck::find_place_of(Suspect& suspect) {
  if (belongs(suspect, suspect.entry.sequence, suspect.before)) {
    suspect.is_cleared = true;
    return;
  }
  for (const Suspect& other : suspects_) {
    if (other.entry.sequence != suspect.entry.sequence &&
        belongs(suspect, other.entry.sequence, other.before)) {
      suspect.belongs_to = other.entry.sequence;
      return;
    }
  }
  for (const Gap& gap : gaps_) {
    if (gap.last - gap.first >= kMostSuspects) continue;
    for (std::uint64_t sequence = gap.first; sequence <= gap.last; ++sequence) {
      if (!belongs(suspect, sequence, gap.before)) continue;
      suspect.belongs_to = sequence;
      return;
    }
  }
}

void ChainCheck::find_places() {
  for (Suspect& suspect : suspects_)
    if (!suspect.is_rehashed) find_place_of(suspect);
  for (Gap& gap : gaps_) {
    const auto explains = [&](const Suspect& suspect) {
      const bool fills = gap.first == gap.last && suspect.belongs_to == gap.first;
      const bool made =
          suspect.after_gap && suspect.belongs_to != 0 && suspect.entry.sequence == gap.last + 1;
      return fills || made;
    };
    gap.is_explained = std::any_of(suspects_.begin(), suspects_.end(), explains);
  }
}

void ChainCheck::tell_suspects() {
  find_places();
  const auto at = [&](std::uint64_t sequence) {
    return std::find_if(suspects_.begin(), suspects_.end(),
                        [&](const Suspect& one) { return one.entry.sequence == sequence; });
  };
  for (const Suspect& suspect : suspects_) {
    const std::uint64_t sequence = suspect.entry.sequence;
    const std::string entry = "udit entry " + which(suspect.entry);
    if (suspect.is_rehashed) {
      add(Flaw::rehashed, sequence,
          "The hash of a" + entry + " was changed; what it says is intact.");
    } else if (suspect.belongs_to != 0) {
      const auto other = at(suspect.belongs_to);
      const bool is_swap = other != suspects_.end() && other->belongs_to == sequence;
      if (!is_swap) {
        add(Flaw::moved, sequence,
            "A" + entry + " was written as entry " + std::to_string(suspect.belongs_to) +
                ": its number was changed.");
      } else if (sequence < suspect.belongs_to) {
        add({Flaw::swapped, sequence, suspect.belongs_to,
             "Audit entries " + std::to_string(sequence) + " and " +
                 std::to_string(suspect.belongs_to) + " were swapped."});
      }
    } else if (!suspect.is_cleared && !suspect.after_gap) {
      std::string sentence = "A" + entry + " does not match its hash: it was edited";
      if (sequence > 1)
        sentence +=
            ", or entry " + std::to_string(sequence - 1) + " was, and given a hash of its own";
      add(Flaw::edited, sequence, sentence + ".");
    }
  }
  tell_gaps();
  suspects_.clear();
  gaps_.clear();
}

void ChainCheck::tell_gaps() {
  for (const Gap& gap : gaps_) {
    if (gap.is_explained) continue;
    std::string sentence = "Audit " + range(gap.first, gap.last) + " missing";
    const bool is_checked =
        std::any_of(suspects_.begin(), suspects_.end(), [&](const Suspect& one) {
          return one.entry.sequence == gap.last + 1 && (one.is_cleared || one.belongs_to != 0);
        });
    if (!is_checked)
      sentence += "; entry " + std::to_string(gap.last + 1) +
                  " cannot be checked without the one before it";
    add({Flaw::missing, gap.first, gap.last, sentence + "."});
  }
}

void ChainCheck::tell_heads() {
  for (const SoughtHead& head : heads_) {
    if (head.is_found) continue;
    if (!head.given.sequence) {
      add(Flaw::head, 0,
          "No audit entry has the hash of the given head: the trail was cut off before that entry, "
          "or written anew.");
      continue;
    }
    const std::uint64_t sequence = *head.given.sequence;
    if (sequence == 0) continue;  // of an empty trail, of which any is a continuation
    const std::string entry = "entry " + std::to_string(sequence);
    if (sequence > head_.sequence)
      add({Flaw::head, head_.sequence + 1, sequence,
           "The audit trail ends at entry " + std::to_string(head_.sequence) +
               ", but the given head is of " + entry + ": " + range(head_.sequence + 1, sequence) +
               " cut off."});
    else if (head.is_other)
      add(Flaw::head, sequence,
          "Audit " + entry +
              " is not the one that the given head is of: the trail was changed at it or before "
              "it, and the hashes with it.");
    else
      add(Flaw::head, sequence, "Audit " + entry + ", of which a head was given, is not there.");
  }
}

void ChainCheck::finish() {
  tell_suspects();
  tell_heads();
  std::stable_sort(
      findings_.begin(), findings_.end(),
      [](const Finding& one, const Finding& other) { return one.sequence < other.sequence; });
}

}  // namespace purser::audit
