// The largest flow through a network, and which edges hold it down. A thin front to Boost.Graph's
// push-relabel, whose headers stay in one source file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace purser::reports {

struct FlowEdge {
  std::size_t from = 0, to = 0;
  std::int64_t capacity = 0;  // at least 0
};

struct MaximumFlow {
  std::int64_t amount = 0;
  // For each edge, whether it lies on the cut nearest to the source: the capacities of these edges
  // add up to the amount.
  std::vector<bool> on_cut;
};

// The capacities of the edges that leave `source` must add up to less than 2⁶³; those of others may
// be anything, since no more can reach them.
MaximumFlow maximum_flow(std::size_t nodes, const std::vector<FlowEdge>& edges, std::size_t source,
                         std::size_t sink);

}  // namespace purser::reports
