// `purser serve`: wires the modules together and runs until it is told to stop.
//
// Start: configuration, store (which settles what a crash left), keys, prices, listeners, ready
// file. Stop (SIGTERM, SIGINT): no more connections; exchanges drain up to `shutdown_drain`; what
// still streams is cut and settled; the store writes what is queued and ends its epoch. SIGHUP
// reads certificates and configuration again. Returns the exit code.
#pragma once

#include "serve_options.h"

namespace purser::main {

int serve(const ServeOptions& options);

}  // namespace purser::main
