// What goes wrong beside the requests: the store, the process, the clock, and what admins change
// while requests are in flight.
#include <fmt/format.h>

#include <algorithm>

#include "path/path_run.h"
#include "purser/identity/keys.h"

namespace purser::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const store::Actor kAdmin{{}, "the simulated admin"};
const identity::ChangedBy kBy{kAdmin, "the simulation wants it"};
constexpr int kUpsets = 6;

}  // namespace

void PathRun::plan_faults() {
  const auto first = static_cast<std::size_t>(Fault::store_slow);
  const auto last = static_cast<std::size_t>(Fault::scope_stopped);
  for (int i = 0; i < kUpsets; ++i) {
    const auto fault = static_cast<Fault>(first + world_.choose.index(last - first + 1));
    world_.clock.after(milliseconds(world_.choose.below(40'000)), [this, fault] {
      if (world_.faults_on && process_) upset(fault);
    });
  }
}

void PathRun::upset(Fault fault) {
  if (fault <= Fault::sync_failed)
    upset_store(fault);
  else if (fault == Fault::crash)
    crash_at_step_ = steps_ + 1 + static_cast<std::uint64_t>(world_.choose.below(60));
  else if (fault <= Fault::clock_steps_back)
    upset_clock(fault);
  else if (fault == Fault::key_revoked)
    revoke_key();
  else
    change_caps(fault);
}

void PathRun::upset_store(Fault fault) {
  const Duration length = milliseconds(500 + world_.choose.below(6000));
  switch (fault) {
    case Fault::disk_full:
      world_.faults.count(fault);
      world_.disk.full = true;
      world_.clock.after(length, [this] { world_.disk.full = false; });
      return;
    case Fault::sync_failed:  // counted where it ends the process
      world_.disk.sync_fails = true;
      return;
    default:  // slow; a queue that fills up follows
      world_.faults.count(Fault::store_slow);
      store_is_slow_ = true;
      world_.clock.after(length * 4, [this] { store_is_slow_ = false; });
  }
}

void PathRun::upset_clock(Fault fault) {
  world_.faults.count(fault);
  const Duration by = fault == Fault::clock_jumps_ahead ? seconds(100 + world_.choose.below(7000))
                      : fault == Fault::clock_jumps_back
                          ? -seconds(100 + world_.choose.below(7000))
                          : -milliseconds(1 + world_.choose.below(59'000));
  world_.clock.env.step_utc(by);
  if (fault == Fault::clock_steps_back) return;
  // Somebody looks at it, after a while.
  world_.clock.after(seconds(1 + world_.choose.below(8)), [this] {
    if (!process_ || !process_->store->clock_in_doubt()) return;
    try {
      process_->store->accept_clock(kAdmin, "looked at the clock");
    } catch (const store::SqlError&) {
      // The disk is full; the end of the faults does it.
    }
  });
}

void PathRun::change(const store::Store::ChangeBody& body) {
  limits_changed_ = true;
  // Not durable while the disk is full: then it has not happened, and that is all.
  if (const auto changed = process_->store->change(body); changed)
    process_->keys->reload_directory();
}

void PathRun::revoke_key() {
  const std::size_t client = world_.choose.index(clients_.size());
  // In any case: where the sync fails, the process dies, and the key may be revoked all the same.
  world_.clock.after(seconds(1 + world_.choose.below(6)), [this, client] { give_key(client); });
  bool revoked = false;
  change([&](store::Change& change) -> Result<void> {
    auto done = identity::revoke_key(change, keys_[client], kBy);
    revoked = done.ok();
    return done;
  });
  if (revoked) world_.faults.count(Fault::key_revoked);
}

// Again and again, until it is durable: the client has only this one.
void PathRun::give_key(std::size_t client) {
  const auto again = [this, client] {
    world_.clock.after(seconds(1), [this, client] { give_key(client); });
  };
  if (!process_) return again();
  identity::NewKey wanted;
  wanted.user = clients_[client]->user;
  wanted.team = clients_[client]->team;
  identity::MadeKey made;
  try {
    const auto changed = process_->store->change([&](store::Change& change) -> Result<void> {
      auto key = identity::create_key(change, *process_->keys, world_.clock.env, wanted, kBy);
      if (!key) return key.error();
      made = *key;
      return {};
    });
    if (!changed) return again();
  } catch (const DiskFailed&) {
    again();
    throw;
  }
  clients_[client]->key = made.text;
  keys_[client] = made.id;
}

void PathRun::change_caps(Fault fault) {
  using ledger::ScopeKind;
  const Id& user = base_.users[world_.choose.index(base_.users.size())];
  const ledger::Scope scope =
      world_.choose.one_in(3) ? ledger::Scope{ScopeKind::team, base_.teams[world_.choose.index(2)]}
                              : ledger::Scope{ScopeKind::user, user};
  const std::int64_t cents = fault == Fault::cap_lowered  ? world_.choose.below(3)
                             : fault == Fault::cap_raised ? 100 + world_.choose.below(400)
                                                          : 1 + world_.choose.below(40);
  bool done = false;
  change([&](store::Change& change) -> Result<void> {
    if (fault == Fault::scope_stopped) {
      auto stopped = change.apply(ledger::Stop{scope}, kAdmin, "for a while");
      done = stopped.ok();
      return {};
    }
    store::CapSpec spec;
    spec.scope = scope;
    spec.limit = Nanos{cents * kNanosPerUsd / 100};
    if (fault == Fault::cap_made || fault == Fault::cap_ended) spec.period = Period::week;
    auto cap = change.set_cap(spec, kAdmin, "a change in mid-flight");
    if (!cap) return cap.error();
    if (fault == Fault::cap_ended) {
      auto ended = change.apply(ledger::EndCap{*cap}, kAdmin, "ended at once");
      if (!ended) return ended.error();
    }
    done = true;
    return {};
  });
  if (!done) return;
  world_.faults.count(fault);
  if (fault != Fault::scope_stopped) return;
  world_.clock.after(seconds(1 + world_.choose.below(5)), [this, scope] {
    if (!process_) return;
    change([&](store::Change& change) -> Result<void> {
      auto resumed = change.apply(ledger::Resume{scope}, kAdmin, "on again");
      if (!resumed) return resumed.error();
      return {};
    });
  });
}

void PathRun::end_faults() {
  world_.faults_on = false;
  world_.disk.full = world_.disk.sync_fails = store_is_slow_ = false;
  crash_at_step_ = 0;
  run_until([this] { return process_ != nullptr; }, "a restart");
  if (!world_.problem.empty()) return;
  // A whole minute, for what was to be mended later: keys, stops, the clock.
  const Duration until = world_.clock.now() + std::chrono::minutes(1);
  world_.clock.after(std::chrono::minutes(1), [] {});
  run_until([this, until] { return world_.clock.now() >= until; }, "a minute");
  if (process_->store->clock_in_doubt()) process_->store->accept_clock(kAdmin, "after the faults");
  for (std::size_t kind = 0; kind < 2; ++kind)
    for (const Id& id : kind == 0 ? base_.users : base_.teams)
      change([&](store::Change& change) -> Result<void> {
        const ledger::Scope scope{kind == 0 ? ledger::ScopeKind::user : ledger::ScopeKind::team,
                                  id};
        auto resumed = change.apply(ledger::Resume{scope}, kAdmin, "after the faults");
        if (!resumed) return resumed.error();
        for (const store::CapStatus& cap : process_->store->caps({scope}))
          if (cap.cap.period == Period::week) {
            auto ended = change.apply(ledger::EndCap{cap.cap.id}, kAdmin, "after the faults");
            if (!ended) return ended.error();
          }
        return {};
      });
}

}  // namespace purser::sim
