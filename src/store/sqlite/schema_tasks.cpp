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
)sql";

}  // namespace purser::store
