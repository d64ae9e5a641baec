// What the store keeps of a request: who it counts for, what it was held and billed at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/base/money.h"
#include "purser/ledger/account.h"
#include "purser/ledger/apply.h"
#include "purser/ledger/command.h"

namespace purser::store {

// Whom and what a request counts for. A zero id: none.
struct Attribution {
  Id user;
  Id team;
  Id membership;
  Id key;
  Id project;
  Id label;
  Id task;                // see task_id()
  std::string task_name;  // the client's string, at most 128 bytes; empty: no header
  std::string provider;
  std::string asked_model;
  std::string format;    // "openai_chat", …
  std::string end_user;  // OpenAI's `user`, Anthropic's metadata.user_id
  std::string metadata;  // OpenAI's `metadata`, as JSON
};

// The scopes that a request of this attribution falls under: the workspace, and one for each id
// that is not zero. A reserve names exactly these (asserted): a scope left out would be a cap
// passed by, and one too many would be a cap whose books do not add up.
ledger::ScopeList scopes_of(const Id& workspace, const Attribution& attribution);

// What rollups call a model: "openai/gpt-5". A name that already begins with its
// provider's stays as it is ("sandbox/small").
std::string model_id(std::string_view provider, std::string_view asked_model);

// A task's id follows from its user and the client's string, so that no look-up stands before a
// reserve.
Id task_id(const Id& user, std::string_view task_name);

enum UsageFlags : std::uint32_t {
  kEstimated = 1,    // the provider did not say
  kUnconfirmed = 2,  // a crash hid the end
  kOverspend = 4,    // billed more than the bound it was sent
  kReleased = 8,     // cost 0
  kUnpriced = 16,    // used what the book has no price for; settled at the hold
};

// As the provider billed; the classes of pricing/usage.h, by their numbers there.
struct BilledCounts {
  std::vector<std::int64_t> tokens;     // by pricing::TokenClass
  std::vector<std::int64_t> fee_calls;  // by pricing::Fee
  std::int64_t reasoning_tokens = 0;
  std::int64_t tool_calls = 0;
};

struct ReserveRequest {
  ledger::Reserve reserve;
  Attribution attribution;
  std::int64_t identity_version = 0;  // of the key
  std::string price_id;
  std::string price_version;
  // A JSON object for `explain`: counts and rates behind the bound. At most 4 KiB.
  std::string explanation;
};

struct SettleRequest {
  Id request;
  Nanos cost;            // ignored with `in_full`
  bool in_full = false;  // at the hold: what it cost is not known
  std::uint32_t flags = 0;
  BilledCounts counts;
  std::string actual_model;
  std::string provider_request_id;
  std::string service_tier;
  int status = 0;      // what the client got; 0: nothing
  std::string ending;  // "complete", "client_gone", "cut", "stalled", "no_usage", …
};

enum class StoreStatus : std::uint8_t {
  done,             // durable; see the outcome
  duplicate,        // the id was applied before; nothing changed
  stale_identity,   // the key has changed since: resolve it again
  unknown_request,  // a settle without a hold or a usage
  clock_in_doubt,   // reserves are refused until the clock is accepted
  not_durable,      // the commit failed; nothing happened
  shutting_down,
};

// One account after the command, with the cap's scope in it.
struct CommandResult {
  StoreStatus status = StoreStatus::not_durable;
  ledger::Outcome outcome;
  std::vector<ledger::Account> accounts;  // in the order of the outcome's indices
  Instant at;                             // ledger time of the command
  std::uint64_t sequence = 0;
};

}  // namespace purser::store
