#include "scope_columns.h"

namespace purser::reports {

std::string_view scope_column(ledger::ScopeKind kind) {
  using enum ledger::ScopeKind;
  switch (kind) {
    case workspace:
      return "";
    case team:
      return "team";
    case user:
      return "user";
    case membership:
      return "membership";
    case project:
      return "project";
    case key:
      return "key";
    case label:
      return "label";
    case task:
      return "task";
  }
  return "";
}

std::string and_scope(ledger::ScopeKind kind, std::string_view parameter) {
  const std::string_view column = scope_column(kind);
  // Names the parameter all the same: a statement must have as many as are bound.
  if (column.empty()) return " AND " + std::string(parameter) + " IS NOT NULL";
  return " AND " + std::string(column) + " = " + std::string(parameter);
}

}  // namespace purser::reports
