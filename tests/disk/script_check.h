// What must be true of a store that is opened again after a power cut or a failed disk, given what
// it had answered until then: every command that was answered `done` is there (I2), nothing that
// was refused or failed counts, of what was under way each is there whole or not at all, balances,
// limits and audit chain are in order (I1, I4, I6), and it goes on working.
#pragma once

#include <string>
#include <vector>

#include "store_script.h"

namespace purser::disk {

struct Checked {
  std::vector<std::string> problems;
  std::uint64_t confirmed = 0;    // commands answered `done` before the end
  std::uint64_t unconfirmed = 0;  // holds that the store settled in full when it opened
};

// Opens the store in the directory, and works with it. `until`: what was sent or answered after so
// many calls to the disk has not happened yet.
Checked check_recovery(const Script& script, const Answers& answers, std::uint64_t until,
                       const std::string& directory);

}  // namespace purser::disk
