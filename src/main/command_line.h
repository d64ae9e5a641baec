// The `purser` command: its verbs, their parameters, its help.
#pragma once

namespace purser::main {

// Exit codes: 0 done, 1 refused or failed, 2 not understood.
int run_command_line(int argc, const char* const* argv);

}  // namespace purser::main
