// The tables of identity: users, teams, keys and what belongs to them. The store itself reads one
// of them, `keys`, and of it three columns: workspace, id, identity_version.
#pragma once

namespace purser::store {

// SQL of the first migration, run after the store's own tables were made. Statements end with `;`.
extern const char* const kIdentitySchema;

}  // namespace purser::store
