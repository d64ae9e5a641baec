#include "refusal_clients.h"

namespace purser::providers {
namespace {

// Codex CLI 0.169.0 sends a 402 six times over, and shows it after 6.5 s; of a 429 of this type it
// makes one call. `codex_cli_rs`, `codex_exec`, `codex_vscode` and `codex-tui` are its originators.
constexpr ClientRow kClients[] = {
    {"codex", {}, SpendForm::codex_usage_limit},
    {{}, "codex", SpendForm::codex_usage_limit},
};

}  // namespace

const ClientRow* client_row(const ClientHints& hints) {
  for (const ClientRow& row : kClients) {
    const bool by_originator =
        !row.originator_prefix.empty() &&
        std::string_view(hints.originator).starts_with(row.originator_prefix);
    const bool by_user_agent =
        !row.user_agent_prefix.empty() &&
        std::string_view(hints.user_agent).starts_with(row.user_agent_prefix);
    if (by_originator || by_user_agent) return &row;
  }
  return nullptr;
}

}  // namespace purser::providers
