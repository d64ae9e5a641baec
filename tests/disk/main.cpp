// purser-disk: tries the store on disks that fail. See README.md.
#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>

#include "trials.h"

namespace {

// In memory where that can be: what is tried is what the store asks of a disk, not the disk.
std::string make_directory() {
  namespace fs = std::filesystem;
  const bool in_memory = access("/dev/shm", W_OK) == 0;
  std::string pattern =
      (in_memory ? fs::path("/dev/shm") : fs::temp_directory_path()) / "purser_disk_XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  return pattern;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace purser::disk;
  CLI::App app("Tries Purser's store on disks that lose power and disks that fail.");
  app.require_subcommand(1);
  Size size;
  CLI::App* cuts = app.add_subcommand("power-cut", "The power goes at every write and sync");
  CLI::App* errors =
      app.add_subcommand("errors", "The n-th write, sync or read fails, for every n");
  for (CLI::App* trial : {cuts, errors})
    trial->add_option("--every", size.every, "Only one point of so many (all if not given)")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  CLI11_PARSE(app, argc, argv);
  try {
    size.directory = make_directory();
    const bool passed = cuts->parsed() ? run_power_cuts(size) : run_disk_errors(size);
    std::filesystem::remove_all(size.directory);
    return passed ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << "purser-disk: " << problem.what() << "\n";
    std::error_code ignored;
    if (!size.directory.empty()) std::filesystem::remove_all(size.directory, ignored);
  }
  return 2;
}
