// What `purser serve` was told on its command line. `serve.h` declares `int serve(const
// ServeOptions&)`, which returns the exit code.
//
// --port, --data-dir and --demo are not here: they stand in front of the environment (as
// PURSER_PORT, PURSER_DATA_DIR and PURSER_SANDBOX), so that a reload of the configuration sees them
// again.
#pragma once

#include <string>

#include "config.h"

namespace purser::main {

struct ServeOptions {
  ConfigSource source;
  bool demo = false;       // seed the demo workspace where the store is empty
  std::string ready_file;  // written once it listens: {"base_url": …, "pid": …}; empty: none
};

}  // namespace purser::main
