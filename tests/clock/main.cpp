// purser-clock [ZONES [SEED]]: takes a store through nine months of a zone's clock, in up to forty
// zones. At every date's beginning and whenever the clock is set: requests a nano before, at and a
// nano after, holds that are settled beyond it; steps, jumps, drift and restarts at some. Then each
// account is compared with what the C library's clock says belongs to that day, week, month,
// quarter and year.
#include <stdlib.h>
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>

#include "zone_run.h"

namespace {

constexpr const char* kZones[] = {
    "America/Havana",      "Australia/Lord_Howe", "Asia/Beirut",
    "Europe/Berlin",       "Africa/Cairo",        "America/St_Johns",
    "Asia/Kathmandu",      "Pacific/Chatham",     "America/Asuncion",
    "Pacific/Kiritimati",  "Pacific/Apia",        "America/Santiago",
    "Europe/Dublin",       "Antarctica/Troll",    "UTC",
    "America/New_York",    "America/Sao_Paulo",   "Asia/Kolkata",
    "Asia/Tehran",         "Africa/Casablanca",   "Europe/London",
    "America/Los_Angeles", "Pacific/Pago_Pago",   "Pacific/Auckland",
    "Australia/Adelaide",  "Asia/Gaza",           "Asia/Jerusalem",
    "Europe/Chisinau",     "Atlantic/Azores",     "America/Scoresbysund",
    "America/Nuuk",        "Asia/Tokyo",          "Africa/Johannesburg",
    "Europe/Moscow",       "America/Phoenix",     "Pacific/Marquesas",
    "Australia/Eucla",     "Asia/Yangon",         "Pacific/Norfolk",
    "America/Miquelon",
};
static_assert(std::size(kZones) == 40);

std::string make_directory() {
  namespace fs = std::filesystem;
  const bool in_memory = access("/dev/shm", W_OK) == 0;
  std::string pattern =
      (in_memory ? fs::path("/dev/shm") : fs::temp_directory_path()) / "purser_clock_XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  return pattern;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::size_t asked = argc > 1 ? std::stoul(argv[1]) : std::size(kZones);
    const std::uint64_t seed = argc > 2 ? std::stoull(argv[2]) : 20261123;
    const std::size_t zones = std::min(std::max<std::size_t>(asked, 1), std::size(kZones));
    const std::string directory = make_directory();
    purser::clocks::Counts counts;
    for (std::size_t i = 0; i < zones; ++i)
      purser::clocks::run_zone(kZones[i], seed + i, directory + "/zone", counts);
    std::filesystem::remove_all(directory);
    for (std::size_t i = 0; i < std::min<std::size_t>(counts.problems.size(), 20); ++i)
      std::cout << counts.problems[i] << "\n";
    std::cout << "clock: " << zones << " zones (seed " << seed << "), " << counts.dates
              << " dates began, the clock was set " << counts.clock_sets << " times, "
              << counts.requests << " requests, " << counts.across << " across an edge, "
              << counts.small_steps << " small steps, " << counts.doubts << " doubts ("
              << counts.accepted << " accepted), " << counts.restarts << " restarts, "
              << counts.accounts << " accounts compared, " << counts.problems.size() << " off\n";
    return counts.problems.empty() ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << "purser-clock: " << problem.what() << "\n";
  }
  return 2;
}
