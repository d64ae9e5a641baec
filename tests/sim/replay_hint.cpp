#include "replay_hint.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace purser::sim {
namespace {

char hint[256];
int hint_length = 0;

// Only what a signal handler may call.
void tell_and_abort(int signal) {
  if (write(STDOUT_FILENO, hint, static_cast<std::size_t>(hint_length)) < 0) _exit(3);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

std::string replay_command(const char* simulation, std::uint64_t seed) {
  return std::string("purser-sim ") + simulation + " --seed " + std::to_string(seed);
}

void set_replay_hint(const char* simulation, std::uint64_t seed) {
  hint_length = std::snprintf(hint, sizeof hint, "FAILED (aborted) %s seed %llu\nreplay: %s\n",
                              simulation, static_cast<unsigned long long>(seed),
                              replay_command(simulation, seed).c_str());
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL}) std::signal(signal, tell_and_abort);
}

}  // namespace purser::sim
