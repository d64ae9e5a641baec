#pragma once

#include <string>

#include "purser/identity/keys.h"

namespace purser::identity {

// Puts the settings into the key after checking each: the project must be one that the key's team
// may book on. Errors: those of create_key about settings.
Result<void> put_settings(store::Sql& sql, const Id& workspace, const KeySettings& settings,
                          Key& key);

// For the audit trail: with names, and without the key's text, its hash and its hint.
std::string settings_json(store::Sql& sql, const Id& workspace, const Key& key);

}  // namespace purser::identity
