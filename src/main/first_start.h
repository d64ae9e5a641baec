// What a store that has no users yet is filled with, and the files that hand over its keys.
#pragma once

#include <string>

#include "purser/base/result.h"
#include "purser/identity/key_ring.h"
#include "purser/store/store.h"

namespace purser::main {

// With `demo`: the demo workspace, `<data_dir>/demo.json` and `<data_dir>/admin.key`; otherwise an
// admin, whose key goes to `<data_dir>/admin.key`. Does nothing where there are users. Both files
// have mode 0600. Errors: cannot_write, and those of identity/.
Result<void> fill_empty_store(store::Store& store, identity::KeyRing& keys, Env& env,
                              const std::string& data_dir, bool demo);

// Writes a file that only its owner may read, whole or not at all. Errors: cannot_write.
Result<void> write_private_file(const std::string& file, std::string_view text);

}  // namespace purser::main
