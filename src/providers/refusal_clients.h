// The clients that take a 402 badly, and the form in which each stops at once and tells its user
// the most. Tried with the clients themselves; dates and findings in docs/METERING.md.
#pragma once

#include <string_view>

#include "purser/providers/refusal.h"

namespace purser::providers {

enum class SpendForm {
  standard,           // 402 in the provider's own error shape
  codex_usage_limit,  // 429 of type usage_limit_reached with resets_at
};

struct ClientRow {
  std::string_view originator_prefix;  // of the `originator` header; empty: not looked at
  std::string_view user_agent_prefix;  // empty: not looked at
  SpendForm form = SpendForm::standard;
};

// The first row of the table that the client matches; null: none, the standard form.
const ClientRow* client_row(const ClientHints& hints);

}  // namespace purser::providers
