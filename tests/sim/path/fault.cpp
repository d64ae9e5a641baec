#include "fault.h"

#include <iterator>

namespace purser::sim {
namespace {

constexpr const char* kNames[] = {
    "none",
    "client_gone_in_head",
    "client_gone_in_body",
    "client_gone_before_answer",
    "client_gone_in_answer",
    "client_sends_slowly",
    "client_reads_slowly",
    "answer_429",
    "answer_500",
    "answer_503_overloaded",
    "answer_529",
    "answer_lost",
    "answer_late",
    "answer_twice",
    "answer_slow",
    "answer_garbage_head",
    "answer_garbage_body",
    "answer_cut",
    "answer_reset",
    "answer_stalls",
    "answer_error_event",
    "answer_length_too_long",
    "answer_length_too_short",
    "usage_missing",
    "usage_implausible",
    "usage_negative",
    "usage_twice",
    "dearer_than_bound",
    "provider_hangs",
    "provider_resets_request",
    "provider_resets_before_answer",
    "provider_closes_idle",
    "connection_refused",
    "connection_times_out",
    "store_slow",
    "store_queue_full",
    "disk_full",
    "sync_failed",
    "crash",
    "clock_jumps_ahead",
    "clock_jumps_back",
    "clock_steps_back",
    "key_revoked",
    "cap_lowered",
    "cap_raised",
    "cap_made",
    "cap_ended",
    "scope_stopped",
};
static_assert(std::size(kNames) == kFaultCount);

}  // namespace

const char* name(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

}  // namespace purser::sim
