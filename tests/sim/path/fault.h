// Every kind of fault that a run can have, by name; each is counted where it takes effect.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace purser::sim {

enum class Fault : std::uint8_t {
  none,
  // clients
  client_gone_in_head,
  client_gone_in_body,
  client_gone_before_answer,
  client_gone_in_answer,
  client_sends_slowly,
  client_reads_slowly,
  // the provider's answers
  answer_429,
  answer_500,
  answer_503_overloaded,
  answer_529,
  answer_lost,
  answer_late,
  answer_twice,
  answer_slow,
  answer_garbage_head,
  answer_garbage_body,
  answer_cut,
  answer_reset,
  answer_stalls,
  answer_error_event,
  answer_length_too_long,
  answer_length_too_short,
  usage_missing,
  usage_implausible,
  usage_negative,
  usage_twice,
  dearer_than_bound,
  // connections to the provider
  provider_hangs,
  provider_resets_request,
  provider_resets_before_answer,
  provider_closes_idle,
  connection_refused,
  connection_times_out,
  // the store
  store_slow,
  store_queue_full,
  disk_full,
  sync_failed,
  // the process and its clock
  crash,
  clock_jumps_ahead,
  clock_jumps_back,
  clock_steps_back,
  // admins
  key_revoked,
  cap_lowered,
  cap_raised,
  cap_made,
  cap_ended,
  scope_stopped,
  count_,
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::count_);
const char* name(Fault fault);

struct FaultCounts {
  std::array<std::uint64_t, kFaultCount> fired{};
  void count(Fault fault) { ++fired[static_cast<std::size_t>(fault)]; }
  std::uint64_t of(Fault fault) const { return fired[static_cast<std::size_t>(fault)]; }
  void add(const FaultCounts& other) {
    for (std::size_t i = 0; i < kFaultCount; ++i) fired[i] += other.fired[i];
  }
};

}  // namespace purser::sim
