#include "schema_holds.h"

namespace purser::store {

// Measured at 64 connections: to remove a hold's row when it was settled cost half of what it cost
// to write it, and a third of a commit's pages were those of holds come and gone.
const char* const kHoldsSchema = R"sql(
-- Open holds, and ended ones whose row has not been used again. Slots are of the file, whatever the
-- workspace.
CREATE TABLE hold_rows (
  slot INTEGER NOT NULL PRIMARY KEY,
  sequence INTEGER NOT NULL,
  workspace BLOB NOT NULL,
  request BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  amount_nanos INTEGER NOT NULL,
  form INTEGER NOT NULL,
  accounts BLOB NOT NULL,
  reserved_at INTEGER NOT NULL,
  user BLOB NOT NULL,
  team BLOB NOT NULL,
  membership BLOB NOT NULL,
  key BLOB NOT NULL,
  project BLOB NOT NULL,
  label BLOB NOT NULL,
  task BLOB NOT NULL,
  task_name TEXT NOT NULL,
  provider TEXT NOT NULL,
  asked_model TEXT NOT NULL,
  format TEXT NOT NULL,
  end_user TEXT NOT NULL,
  metadata TEXT NOT NULL,
  price_id TEXT NOT NULL,
  price_version TEXT NOT NULL,
  explanation TEXT NOT NULL
);
INSERT INTO hold_rows SELECT NULL, * FROM holds;
DROP TABLE holds;
-- Open is what has no usage yet.
CREATE VIEW holds AS
  SELECT * FROM hold_rows h WHERE NOT EXISTS
    (SELECT 1 FROM usages u WHERE u.workspace = h.workspace AND u.request = h.request);
)sql";

}  // namespace purser::store
