// Reads a chain back and says which entries are off, and how: edited, removed, moved, cut.
//
// Entries are taken in the order of their numbers. A check goes on after a finding, from what the
// rows claim, so that one edit is one finding and not a broken rest; what stands in the wrong place
// is told from what was edited by looking for the place to which its hash belongs.
//
//   ChainCheck check({head});
//   for (const auto& [entry, hash] : rows) check.take(entry, hash);
//   check.finish();
//   check.findings();   // empty: intact, up to `check.head()`
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "purser/audit/head.h"

namespace purser::audit {

enum class Flaw : std::uint8_t {
  edited,     // what it says does not match its hash
  rehashed,   // what it says is intact, its hash is not its own
  missing,    // from `sequence` to `last`
  moved,      // another entry's number was given to it
  swapped,    // two entries have each other's numbers
  repeated,   // its number stands twice
  disorder,   // of a file: its line stands behind that of a later entry
  malformed,  // it is no entry: a type, a length or a form is wrong
  head,       // the trail is not the one that a given head is of
};
std::string_view name(Flaw flaw);

struct Finding {
  Flaw flaw = Flaw::edited;
  std::uint64_t sequence = 0;  // the first entry concerned; 0: none can be named
  std::uint64_t last = 0;      // the last one; of a swap, the other
  std::string sentence;
};

class ChainCheck {
 public:
  static constexpr std::size_t kMostFindings = 1000;
  static constexpr std::size_t kMostSuspects = 32;     // that are looked at together
  static constexpr std::size_t kMostTrials = 200'000;  // of places, in all; a file may be all wrong

  explicit ChainCheck(std::vector<GivenHead> heads = {});
  void take(const Entry& entry, const Hash& stored);
  // Of an entry that the caller found to be off by itself.
  void add(Flaw flaw, std::uint64_t sequence, std::string sentence);
  void finish();

  const std::vector<Finding>& findings() const { return findings_; }
  std::uint64_t left_out() const { return left_out_; }  // findings beyond the most
  std::uint64_t entries() const { return entries_; }
  const Head& head() const { return head_; }  // the last entry taken

 private:
  // An entry that does not follow from the one before it, or whose predecessor is not there.
  struct Suspect {
    Entry entry;
    Hash stored{};
    Hash before{};  // the stored hash of the row before it
    bool after_gap = false;
    bool is_rehashed = false;
    bool is_cleared = false;
    std::uint64_t belongs_to = 0;  // the number under which its hash is right; 0: none found
  };
  struct Gap {
    std::uint64_t first, last;
    Hash before{};  // the stored hash of the row before the gap
    bool is_explained = false;
  };
  struct SoughtHead {
    GivenHead given;
    bool is_found = false;
    bool is_other = false;  // its entry is there, with another hash
  };

  void add(Finding finding);
  void meet_heads(const Entry& entry, const Hash& stored);
  bool starts_at_head(const Entry& entry, const Hash& stored);
  void find_places();
  bool belongs(const Suspect& suspect, std::uint64_t sequence, const Hash& before);
  void find_place_of(Suspect& suspect);
  void tell_suspects();
  void tell_gaps();
  void tell_heads();

  std::vector<SoughtHead> heads_;
  std::vector<Suspect> suspects_;
  std::vector<Gap> gaps_;
  std::vector<Finding> findings_;
  std::uint64_t left_out_ = 0;
  std::size_t trials_ = 0;
  std::uint64_t entries_ = 0;
  Head head_;
  Hash recomputed_{};  // what the last entry's hash should be
};

}  // namespace purser::audit
