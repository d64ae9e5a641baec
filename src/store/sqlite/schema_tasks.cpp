// The fifth step: budgets of tasks, and what the early alert looks up.
#include "schema_tasks.h"

namespace purser::store {

const char* const kTasksSchema = R"sql(
-- Tasks whose budget a header has made, so that there is a bound of them: see
-- identity/task_budgets.h. The cap itself is in `caps`.
CREATE TABLE task_budgets (
  workspace BLOB NOT NULL,
  user BLOB NOT NULL,
  task BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, user, task)
) WITHOUT ROWID;

-- Caps of which it was told in this cycle that they will run out early.
CREATE INDEX outbox_early ON outbox (workspace, cap, cycle_start) WHERE kind = 9;
)sql";

}  // namespace purser::store
