#include "cap_allowance.h"

#include <algorithm>

namespace purser::reports {
namespace {

using Caps = std::vector<const ExposureCap*>;  // the shortest period first

// What a cap's cycle can come to, whatever else binds: a limit may have been set below what was
// spent and held by then.
Nanos most_in(const ExposureCycle& row) { return std::max(row.limit, row.spent + row.held); }

// The part of a cap's cycle inside a stretch of time.
struct Piece {
  Cycle inside;
  Instant cycle_end;
  Nanos most;
};

// The cycles of a cap that touch a stretch: the stored ones where there are rows, otherwise those
// that the calendar would make.
std::vector<Piece> pieces_of(const ExposureCap& cap, const Calendar& calendar, const Cycle& over) {
  std::vector<Piece> pieces;
  auto row = cap.cycles.begin();
  Instant at = over.start;
  while (at < over.end) {
    while (row != cap.cycles.end() && row->cycle.end <= at) ++row;
    Cycle cycle;
    Nanos most = cap.limit;
    if (row != cap.cycles.end() && row->cycle.start <= at) {
      cycle = row->cycle;
      most = most_in(*row);
    } else {
      cycle = row == cap.cycles.begin()
                  ? calendar.cycle_containing(cap.period, at)
                  : calendar.cycle_after(cap.period, std::prev(row)->cycle.end, at);
      if (row != cap.cycles.end()) cycle.end = std::min(cycle.end, row->cycle.start);
    }
    pieces.push_back({{at, std::min(cycle.end, over.end)}, cycle.end, most});
    at = cycle.end;
  }
  return pieces;
}

struct Least {
  Nanos amount;
  const ExposureCap* cap;
};

// At most four levels deep (a scope has one hard cap a period), over at most 31 days.
std::optional<Least> least_of(const Caps& caps, std::size_t count, const Calendar& calendar,
                              const Cycle& over, Nanos used) {
  std::optional<Least> least;
  for (std::size_t at = 0; at < count; ++at) {
    Nanos sum;
    bool unmade = false;  // a cycle ended before the cap was made
    for (const Piece& piece : pieces_of(*caps[at], calendar, over)) {
      if (piece.cycle_end <= caps[at]->made_at) {
        unmade = true;
        continue;
      }
      const auto shorter = least_of(caps, at, calendar, piece.inside, used);
      sum = add_up_to_ceiling(sum, shorter ? std::min(piece.most, shorter->amount) : piece.most);
    }
    if (unmade) sum = add_up_to_ceiling(sum, used);
    if (!least || sum < least->amount) least = Least{sum, caps[at]};
  }
  return least;
}

bool is_exact(const ExposureCap& cap, const Calendar& calendar, const Cycle& month) {
  if (cap.period != Period::month) return false;
  const std::vector<Piece> pieces = pieces_of(cap, calendar, month);
  if (pieces.size() != 1 || pieces[0].cycle_end != month.end) return false;
  return std::none_of(cap.cycles.begin(), cap.cycles.end(), [&](const ExposureCycle& row) {
    const bool begins_elsewhere = row.cycle.contains(month.start) && row.cycle.start != month.start;
    const bool held_over_limit = row.held > Nanos{0} && row.spent + row.held > row.limit;
    return begins_elsewhere || held_over_limit;
  });
}

}  // namespace

Nanos add_up_to_ceiling(Nanos a, Nanos b) {
  return b > kExposureCeiling - a ? kExposureCeiling : a + b;
}

std::optional<Allowance> allowance_of(const std::vector<ExposureCap>& hard_caps,
                                      const Calendar& calendar, const Cycle& month, Nanos used) {
  Caps caps;
  for (const ExposureCap& cap : hard_caps) caps.push_back(&cap);
  std::stable_sort(caps.begin(), caps.end(), [](const ExposureCap* a, const ExposureCap* b) {
    return a->period < b->period;
  });
  const auto least = least_of(caps, caps.size(), calendar, month, used);
  if (!least) return std::nullopt;
  return Allowance{.amount = least->amount,
                   .cap = static_cast<std::size_t>(least->cap - hard_caps.data()),
                   .exact = std::all_of(caps.begin(), caps.end(), [&](const ExposureCap* cap) {
                     return is_exact(*cap, calendar, month);
                   })};
}

}  // namespace purser::reports
