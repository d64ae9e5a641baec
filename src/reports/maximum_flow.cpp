#include "maximum_flow.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <utility>

namespace purser::reports {
namespace {

using Descriptors = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using Graph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS, boost::no_property,
    boost::property<
        boost::edge_capacity_t, std::int64_t,
        boost::property<boost::edge_residual_capacity_t, std::int64_t,
                        boost::property<boost::edge_reverse_t, Descriptors::edge_descriptor>>>>;

// Where flow could still go from the source.
std::vector<bool> reachable_from(const Graph& graph, std::size_t source) {
  const auto residual = get(boost::edge_residual_capacity, graph);
  std::vector<bool> reached(num_vertices(graph), false);
  std::vector<std::size_t> open{source};
  reached[source] = true;
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    for (auto [edge, end] = out_edges(node, graph); edge != end; ++edge) {
      const std::size_t next = target(*edge, graph);
      if (reached[next] || residual[*edge] == 0) continue;
      reached[next] = true;
      open.push_back(next);
    }
  }
  return reached;
}

}  // namespace

MaximumFlow maximum_flow(std::size_t nodes, const std::vector<FlowEdge>& edges, std::size_t source,
                         std::size_t sink) {
  Graph graph(nodes);
  const auto capacity = get(boost::edge_capacity, graph);
  const auto reverse = get(boost::edge_reverse, graph);
  for (const FlowEdge& edge : edges) {
    const auto there = add_edge(edge.from, edge.to, graph).first;
    const auto back = add_edge(edge.to, edge.from, graph).first;
    capacity[there] = edge.capacity;
    capacity[back] = 0;
    reverse[there] = back;
    reverse[back] = there;
  }
  MaximumFlow result;
  result.amount = boost::push_relabel_max_flow(graph, source, sink);
  const std::vector<bool> reached = reachable_from(graph, source);
  for (const FlowEdge& edge : edges) {
    result.on_cut.push_back(reached[edge.from] && !reached[edge.to]);
  }
  return result;
}

}  // namespace purser::reports
