// purser-sim: runs the simulations. See README.md.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "ledger/simulate_ledger.h"
#include "path/simulate_path.h"

namespace {

CLI::App* add_simulation(CLI::App& app, const char* name, const char* about,
                         std::uint64_t usual_count, purser::sim::Seeds& seeds) {
  CLI::App* simulation = app.add_subcommand(name, about);
  seeds.count = usual_count;
  auto* count = simulation->add_option("--seeds", seeds.count, "How many seeds");
  simulation->add_option("--first-seed", seeds.first, "The first of them");
  simulation->add_option("--seed", seeds.one, "Replay this one seed, and say what it did")
      ->excludes(count);
  return simulation;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Simulations of Purser: one seed, one run, the same on every machine.");
  app.require_subcommand(1);
  purser::sim::Seeds ledger_seeds;
  CLI::App* ledger =
      add_simulation(app, "ledger", "Random commands against the pure ledger", 2000, ledger_seeds);
  purser::sim::Seeds path_seeds;
  CLI::App* path = add_simulation(app, "path", "The whole path, with faults", 300, path_seeds);
  CLI11_PARSE(app, argc, argv);
  try {
    if (ledger->parsed()) return purser::sim::simulate_ledger(ledger_seeds);
    if (path->parsed()) return purser::sim::simulate_path(path_seeds);
  } catch (const std::exception& problem) {
    std::cerr << "purser-sim: " << problem.what() << "\n";
  }
  return 2;
}
