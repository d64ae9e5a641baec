#include <array>

#include "purser/ledger/apply.h"

namespace purser::ledger {
namespace {

constexpr std::array<std::string_view, kScopeKindCount> kScopeKindNames = {
    "workspace", "team", "user", "membership", "project", "key", "label", "task"};

constexpr std::array<std::string_view, std::variant_size_v<Command>> kCommandNames = {
    "reserve", "settle",    "expire",     "adjust", "set-cap", "end-cap",
    "raise",   "end-raise", "reallocate", "stop",   "resume",  "clear-overspend"};

}  // namespace

std::string_view name(ScopeKind kind) { return kScopeKindNames[static_cast<std::size_t>(kind)]; }

std::optional<ScopeKind> parse_scope_kind(std::string_view text) {
  for (std::size_t i = 0; i < kScopeKindNames.size(); ++i)
    if (kScopeKindNames[i] == text) return static_cast<ScopeKind>(i);
  return std::nullopt;
}

std::string_view name(Enforcement enforcement) {
  return enforcement == Enforcement::hard ? "hard" : "watch";
}

std::optional<Enforcement> parse_enforcement(std::string_view text) {
  if (text == "hard") return Enforcement::hard;
  if (text == "watch") return Enforcement::watch;
  return std::nullopt;
}

std::string_view name(const Command& command) { return kCommandNames[command.index()]; }

std::string_view name(Decision decision) {
  switch (decision) {
    case Decision::granted:
      return "granted";
    case Decision::stopped:
      return "stopped";
    case Decision::no_cap:
      return "no_cap";
    case Decision::paused:
      return "paused";
    case Decision::does_not_fit:
      return "does_not_fit";
    case Decision::holds_in_the_way:
      return "holds_in_the_way";
    case Decision::not_possible:
      return "not_possible";
  }
  return "unknown";
}

}  // namespace purser::ledger
