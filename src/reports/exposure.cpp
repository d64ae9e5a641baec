#include "purser/reports/exposure.h"

#include <algorithm>
#include <optional>

#include "cap_allowance.h"
#include "maximum_flow.h"

namespace purser::reports {
namespace {

// The limit that a command which bounds a path suggests: an analyst's, about.
constexpr std::string_view kSuggestedMonthUsd = "100";

struct Sums {
  Nanos spent, held;
  bool has_spender = false;  // a membership that has not ended
  void add(const ExposureMembership& membership) {
    spent = add_up_to_ceiling(spent, membership.spent);
    held = add_up_to_ceiling(held, membership.held);
    has_spender = has_spender || !membership.ended;
  }
  Nanos used() const { return add_up_to_ceiling(spent, held); }
};

// A scope in the network: what it has used, what its caps allow, and what they leave.
struct Scope {
  ExposureScopeKind kind = ExposureScopeKind::workspace;
  std::string label;
  const std::vector<ExposureCap>* hard_caps = nullptr;
  Sums sums;
  std::optional<Allowance> allowance;

  // What it may spend beyond what is spent. A hold that is open may be billed whatever the limit.
  Nanos room() const {
    if (!allowance) return kExposureCeiling;
    return std::max({allowance->amount - sums.spent, sums.held, Nanos{0}});
  }
};

// The scopes in the order of the network, and which of them each membership goes through.
struct Scopes {
  Scope workspace;
  std::vector<Scope> teams, users, memberships;
};

Scopes scopes_of(const ExposureInput& input, const Calendar& calendar, const Cycle& month) {
  using Kind = ExposureScopeKind;
  Scopes scopes;
  scopes.workspace = {
      Kind::workspace, "workspace " + input.workspace.name, &input.workspace.hard_caps, {}, {}};
  for (const ExposureScope& team : input.teams) {
    scopes.teams.push_back({Kind::team, "team " + team.name, &team.hard_caps, {}, {}});
  }
  for (const ExposureScope& user : input.users) {
    scopes.users.push_back({Kind::user, "user " + user.name, &user.hard_caps, {}, {}});
  }
  for (const ExposureMembership& membership : input.memberships) {
    PURSER_ASSERT(membership.user < input.users.size() && membership.team < input.teams.size());
    scopes.memberships.push_back({Kind::membership,
                                  "membership of " + input.users[membership.user].name + " in " +
                                      input.teams[membership.team].name,
                                  &membership.hard_caps,
                                  {},
                                  {}});
    for (Scope* scope : {&scopes.workspace, &scopes.teams[membership.team],
                         &scopes.users[membership.user], &scopes.memberships.back()}) {
      scope->sums.add(membership);
    }
  }
  const auto set_allowance = [&](Scope& scope) {
    scope.allowance = allowance_of(*scope.hard_caps, calendar, month, scope.sums.used());
  };
  set_allowance(scopes.workspace);
  for (auto* all : {&scopes.teams, &scopes.users, &scopes.memberships}) {
    std::for_each(all->begin(), all->end(), set_allowance);
  }
  return scopes;
}

bool is_unbounded(const Scopes& scopes, const ExposureInput& input, std::size_t at) {
  const ExposureMembership& membership = input.memberships[at];
  return !membership.ended && !scopes.workspace.allowance &&
         !scopes.teams[membership.team].allowance && !scopes.users[membership.user].allowance &&
         !scopes.memberships[at].allowance;
}

// As a shell takes it.
std::string quoted(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("@._+-").find(c) != std::string_view::npos;
  });
  if (plain && text[0] != '-') return text;
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += "'\\'";
    result += c;
  }
  return result + "'";
}

UnboundedPath unbounded_path(const std::string& user, const std::string& team) {
  return {user, team,
          "purser cap set --user " + quoted(user) + " --month " + std::string(kSuggestedMonthUsd)};
}

ExposureBinding binding_of(const Scope& scope) {
  const ExposureCap& cap = (*scope.hard_caps)[scope.allowance->cap];
  const Nanos allowed = scope.allowance->amount;
  std::string words = scope.label + ": " + std::string(name(cap.period)) + " cap of USD " +
                      format_usd_cents_up(cap.limit);
  if (allowed != cap.limit) {
    words += ", which comes to USD " + format_usd_cents_up(allowed) + " in the month";
  }
  return {scope.kind, std::move(words), allowed};
}

// Nodes: the source, the workspace, the sink, then teams, then users.
struct Network {
  std::vector<FlowEdge> edges;
  std::vector<const Scope*> scope_of_edge;

  void add(std::size_t from, std::size_t to, const Scope& scope, Nanos capacity) {
    edges.push_back({from, to, capacity.count()});
    scope_of_edge.push_back(&scope);
  }
};

MaximumFlow flow_through(const Scopes& scopes, const ExposureInput& input, Network& network) {
  constexpr std::size_t kSource = 0, kWorkspace = 1, kSink = 2, kFirstTeam = 3;
  const std::size_t first_user = kFirstTeam + scopes.teams.size();
  network.add(kSource, kWorkspace, scopes.workspace, scopes.workspace.room());
  for (std::size_t team = 0; team < scopes.teams.size(); ++team) {
    network.add(kWorkspace, kFirstTeam + team, scopes.teams[team], scopes.teams[team].room());
  }
  for (std::size_t at = 0; at < input.memberships.size(); ++at) {
    const ExposureMembership& membership = input.memberships[at];
    // Through these nothing new goes, or more than can be said; what is held may be billed.
    const bool held_only = membership.ended || is_unbounded(scopes, input, at);
    network.add(kFirstTeam + membership.team, first_user + membership.user, scopes.memberships[at],
                held_only ? membership.held : scopes.memberships[at].room());
  }
  for (std::size_t user = 0; user < scopes.users.size(); ++user) {
    network.add(first_user + user, kSink, scopes.users[user], scopes.users[user].room());
  }
  return maximum_flow(first_user + scopes.users.size(), network.edges, kSource, kSink);
}

bool is_exact(const Scopes& scopes) {
  const auto exact = [](const Scope& scope) {
    return !scope.sums.has_spender || !scope.allowance || scope.allowance->exact;
  };
  return exact(scopes.workspace) && std::all_of(scopes.teams.begin(), scopes.teams.end(), exact) &&
         std::all_of(scopes.users.begin(), scopes.users.end(), exact) &&
         std::all_of(scopes.memberships.begin(), scopes.memberships.end(), exact);
}

std::string summary_of(const Exposure& exposure) {
  const std::string amount = "USD " + format_usd_cents_up(exposure.figure);
  std::string text = "In " + exposure.month + " the hard caps allow at most " + amount +
                     (exposure.exact ? "." : " (an upper bound, since not all caps are monthly).");
  if (exposure.beyond_ceiling) {
    text = "In " + exposure.month + " the hard caps allow " + amount + " or more.";
  }
  constexpr std::size_t kMostNamed = 3;
  for (std::size_t at = 0; at < std::min(exposure.binding.size(), kMostNamed); ++at) {
    text += (at == 0 ? " What binds: " : "; ") + exposure.binding[at].words;
  }
  if (exposure.binding.size() > kMostNamed) {
    text += "; and " + std::to_string(exposure.binding.size() - kMostNamed) + " more";
  }
  if (!exposure.binding.empty()) text += ".";
  if (!exposure.unbounded.empty()) {
    text += " That leaves out " + std::to_string(exposure.unbounded.size()) +
            (exposure.unbounded.size() == 1 ? " path that no cap bounds."
                                            : " paths that no cap bounds.");
  }
  return text;
}

}  // namespace

Result<Exposure> compute_exposure(const ExposureInput& input, const Calendar& calendar,
                                  std::string_view month) {
  const Result<Cycle> cycle = calendar.month_named(month);
  if (!cycle) return cycle.error();
  const Scopes scopes = scopes_of(input, calendar, *cycle);
  Network network;
  const MaximumFlow flow = flow_through(scopes, input, network);

  Exposure exposure;
  exposure.month = month;
  exposure.cycle = *cycle;
  exposure.spent = scopes.workspace.sums.spent;
  exposure.held = scopes.workspace.sums.held;
  exposure.figure = add_up_to_ceiling(exposure.spent, Nanos{flow.amount});
  exposure.beyond_ceiling = exposure.figure == kExposureCeiling;
  for (std::size_t edge = 0; edge < network.edges.size(); ++edge) {
    const Scope& scope = *network.scope_of_edge[edge];
    if (flow.on_cut[edge] && scope.allowance && scope.sums.has_spender) {
      exposure.binding.push_back(binding_of(scope));
    }
  }
  std::stable_sort(exposure.binding.begin(), exposure.binding.end(),
                   [](const auto& a, const auto& b) { return a.allowed > b.allowed; });
  for (std::size_t at = 0; at < input.memberships.size(); ++at) {
    if (!is_unbounded(scopes, input, at)) continue;
    exposure.unbounded.push_back(unbounded_path(input.users[input.memberships[at].user].name,
                                                input.teams[input.memberships[at].team].name));
  }
  exposure.exact = is_exact(scopes) && !exposure.beyond_ceiling;
  exposure.summary = summary_of(exposure);
  return exposure;
}

}  // namespace purser::reports
