// The sixth step: raises whose time is over are looked for, not only met.
#include "schema_raises.h"

namespace purser::store {

const char* const kRaisesSchema = R"sql(
CREATE INDEX caps_raised ON caps (workspace, temporary_until)
  WHERE temporary_until IS NOT NULL AND ended_at IS NULL;
)sql";

}  // namespace purser::store
