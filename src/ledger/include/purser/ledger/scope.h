// What a cap is set on, and how a cap behaves. The numbers are stored; never change them.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "purser/base/id.h"

namespace purser::ledger {

enum class ScopeKind : std::uint8_t {
  workspace = 0,
  team = 1,
  user = 2,
  membership = 3,
  project = 4,
  key = 5,
  label = 6,
  task = 7,
};
inline constexpr std::size_t kScopeKindCount = 8;
std::string_view name(ScopeKind kind);
std::optional<ScopeKind> parse_scope_kind(std::string_view text);

struct Scope {
  ScopeKind kind = ScopeKind::workspace;
  Id id;
  auto operator<=>(const Scope&) const = default;
};

// `hard` refuses; `watch` alerts and reports what it would have refused, but stops nothing.
enum class Enforcement : std::uint8_t { hard = 0, watch = 1 };
std::string_view name(Enforcement enforcement);
std::optional<Enforcement> parse_enforcement(std::string_view text);

}  // namespace purser::ledger

template <>
struct std::hash<purser::ledger::Scope> {
  std::size_t operator()(const purser::ledger::Scope& scope) const noexcept {
    return std::hash<purser::Id>{}(scope.id) ^ (static_cast<std::size_t>(scope.kind) << 56);
  }
};
