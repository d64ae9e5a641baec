// The verbs that work on this machine's files and need no running Purser. Each prints, and returns
// the exit code: 0, or 1 where something is off.
#pragma once

#include <string>
#include <vector>

#include "config.h"

namespace purser::main {

// Reads the configuration as `serve` would; with `show`, prints the settings in force.
int check_config(const ConfigSource& source, bool show, bool as_json);

// A consistent copy of the ledger to a new file, while `serve` runs or not.
int backup(const ConfigSource& source, const std::string& file, bool as_json);

// Recomputes the books of a data directory or a backup. Empty: those of the configuration.
int verify(const ConfigSource& source, const std::string& directory_or_file, bool as_json);

// Checks the audit trail of a data directory, a backup or an export in JSON Lines (empty: the data
// directory of the configuration), also against heads that were kept elsewhere, and says which
// entries are edited, removed, swapped or reordered.
int verify_audit(const ConfigSource& source, const std::string& place,
                 const std::vector<std::string>& heads, bool as_json);

// Puts a newer price book into the data directory; a running Purser takes it with SIGHUP.
int update_prices(const ConfigSource& source, const std::string& file, bool as_json);

int version(bool as_json);

}  // namespace purser::main
