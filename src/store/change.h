// One change of identity, caps or settings within the batch's transaction; see store.h.
#pragma once

#include <exception>

#include "purser/store/store.h"
#include "writer.h"

namespace purser::store {

// Undoes the change that is being made; Store::change returns the error.
struct ChangeRefused : std::exception {
  explicit ChangeRefused(Error what_happened) : error(std::move(what_happened)) {}
  const char* what() const noexcept override { return error.message.c_str(); }
  Error error;
};

class ChangeInBatch final : public Change {
 public:
  explicit ChangeInBatch(Writer& writer) : writer_(writer) {}
  virtual ~ChangeInBatch() = default;

  Sql& sql() override;
  Instant now() override { return writer_.now; }
  Id new_id() override { return make_id(writer_.env); }
  const Id& workspace() override { return writer_.workspace; }
  void audit(const AuditEntry& entry) override { writer_.audit(entry); }
  void announce(const Event& event) override { writer_.announce(event); }
  void announce_running_out(const Id& cap, Instant at) override;
  Result<Id> set_cap(const CapSpec& spec, const Actor& actor, std::string_view reason) override;
  Result<ledger::Outcome> apply(const ledger::Command& command, const Actor& actor,
                                std::string_view reason) override;
  std::size_t end_lapsed_raises(std::size_t most) override;
  Result<void> set_thresholds(const ThresholdOwner& owner,
                              const std::optional<ledger::PercentSet>& wanted, const Actor& actor,
                              std::string_view reason) override;
  Result<ledger::Outcome> correct_usage(const Id& request, Nanos exact_cost, const Actor& actor,
                                        std::string_view reason) override;
  Result<void> clear_overspend(std::string_view price_id, const Actor& actor,
                               std::string_view reason) override;
  void raise_identity_version(const Id& key) override;
  void reload_settings() override;

 private:
  Result<Id> make_cap(const CapSpec& spec, const Actor& actor, std::string_view reason);
  Result<Id> change_limit(const CapSpec& spec, const Id& cap, const Actor& actor,
                          std::string_view reason);
  Result<ledger::Outcome> change_caps(const ledger::Command& command,
                                      std::initializer_list<Id> caps, const Actor& actor,
                                      std::string_view reason);
  Result<ledger::Outcome> set_stopped(const ledger::Command& command, const ledger::Scope& scope,
                                      const Actor& actor, std::string_view reason);
  void end_cap(const ledger::Cap& cap);
  void audit_move(std::span<const ledger::Cap> caps, std::span<const std::string> before,
                  std::span<const std::string> after, const Actor& actor, std::string_view reason);
  void audit_cap(std::string_view action, const Id& cap, std::string from, std::string to,
                 const Actor& actor, std::string_view reason);

  Writer& writer_;
};

// The scope's entry in the state, made where there is none, and its row after a change to it.
ScopeEntry& edit_scope(Writer& writer, const ledger::Scope& scope);
void save_scope(Writer& writer, const ledger::Scope& scope);

// What the books hold for a scope since an instant: the spent of a cap made in mid-cycle.
Nanos spent_from_books(Writer& writer, const ledger::Scope& scope, Instant from, Instant until);

}  // namespace purser::store
