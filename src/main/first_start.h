// What a store that has no users yet is filled with, and the files that hand over its keys.
#pragma once

#include <string>

#include "purser/base/result.h"
#include "purser/identity/key_ring.h"
#include "purser/identity/sign_in.h"
#include "purser/store/store.h"

namespace purser::main {

// With `demo`: the demo workspace, `<data_dir>/demo.json` and `<data_dir>/admin.key`; otherwise an
// admin, whose key goes to `<data_dir>/admin.key`. In both cases the admin's one-time sign-in
// secret goes to `<data_dir>/admin.sign-in`. Does nothing where there are users. All files have
// mode 0600. Errors: cannot_write, and those of identity/.
Result<void> fill_empty_store(store::Store& store, identity::KeyRing& keys, Env& env,
                              const std::string& data_dir, bool demo);

// The secret in `<data_dir>/admin.sign-in` while it is good; else empty, and the file is removed.
std::string first_sign_in_secret(const identity::SignIn& sign_in, const std::string& data_dir);

// Writes a file that only its owner may read, whole or not at all. Errors: cannot_write.
Result<void> write_private_file(const std::string& file, std::string_view text);

}  // namespace purser::main
