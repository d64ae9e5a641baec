#include "schema_identity.h"

namespace purser::store {

const char* const kIdentitySchema = R"sql(
CREATE TABLE keys (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  -- Raised with any change to the key, its user or its team; see Change::raise_identity_version.
  identity_version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
)sql";

}  // namespace purser::store
