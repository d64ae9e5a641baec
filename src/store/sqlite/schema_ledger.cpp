#include "schema_ledger.h"

#include "purser/store/records.h"

namespace purser::store {

// Every row carries its workspace, so that the tables shard by it. Amounts are nanos, instants
// nanoseconds UTC, ids 16 bytes; in these tables an id that is not there is 16 zero bytes, never
// NULL. Enumerations are the numbers of the ledger's headers. `sequence` is the number of the
// command that wrote the row.
const char* const kLedgerSchema = R"sql(
CREATE TABLE workspaces (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  zone TEXT NOT NULL,
  cycle_day INTEGER NOT NULL,
  first_weekday INTEGER NOT NULL,
  first_month INTEGER NOT NULL,        -- of the fiscal year
  made_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE settings (
  workspace BLOB NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (workspace, name)
) WITHOUT ROWID;

-- How far the store has come; written with every batch that writes anything. The audit head stands
-- here so that cutting off the newest entries shows; the digest is that of the day's usage so far.
CREATE TABLE progress (
  workspace BLOB NOT NULL PRIMARY KEY,
  sequence INTEGER NOT NULL,
  ledger_time INTEGER NOT NULL,
  audit_sequence INTEGER NOT NULL,
  audit_hash BLOB NOT NULL,
  digest_day INTEGER NOT NULL,         -- days since 1970, UTC, of the settle
  digest_count INTEGER NOT NULL,
  digest_hash BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE epochs (
  workspace BLOB NOT NULL,
  number INTEGER NOT NULL,
  process INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (workspace, number)
) WITHOUT ROWID;

CREATE TABLE scopes (
  workspace BLOB NOT NULL,
  kind INTEGER NOT NULL,
  id BLOB NOT NULL,
  open_caps INTEGER NOT NULL,
  version INTEGER NOT NULL,            -- raised when its caps or its stop change
  stopped INTEGER NOT NULL,
  stop_reason TEXT NOT NULL,
  PRIMARY KEY (workspace, kind, id)
) WITHOUT ROWID;

CREATE TABLE caps (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL,
  period INTEGER NOT NULL,
  enforcement INTEGER NOT NULL,
  limit_nanos INTEGER NOT NULL,
  temporary_limit_nanos INTEGER,
  temporary_until INTEGER,
  limit_version INTEGER NOT NULL,
  template BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE INDEX caps_of_scope ON caps (workspace, scope_kind, scope_id);
CREATE UNIQUE INDEX caps_once ON caps (workspace, scope_kind, scope_id, period, enforcement)
  WHERE ended_at IS NULL;
CREATE INDEX caps_of_template ON caps (workspace, template) WHERE ended_at IS NULL;

-- One cap in one cycle. A cap made in mid-cycle begins with what the books held already:
-- `carried_nanos`, from usage and adjustments before `opened_sequence`.
CREATE TABLE accounts (
  workspace BLOB NOT NULL,
  cap BLOB NOT NULL,
  cycle_start INTEGER NOT NULL,
  cycle_end INTEGER NOT NULL,
  limit_nanos INTEGER NOT NULL,
  limit_version INTEGER NOT NULL,
  spent_nanos INTEGER NOT NULL,
  held_nanos INTEGER NOT NULL,
  crossed INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  excess INTEGER NOT NULL,             -- why spent + held may be above the limit; see Excess
  carried_nanos INTEGER NOT NULL,
  opened_sequence INTEGER NOT NULL,
  PRIMARY KEY (workspace, cap, cycle_start)
) WITHOUT ROWID;

-- `accounts`: 24 bytes each, the cap's id and the cycle's start.
CREATE TABLE holds (
  workspace BLOB NOT NULL,
  request BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
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
  explanation TEXT NOT NULL,
  PRIMARY KEY (workspace, request)
) WITHOUT ROWID;

-- Append-only, but for the end of an unconfirmed one: its flag goes, and what was billed comes.
CREATE TABLE usages (
  workspace BLOB NOT NULL,
  request BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  reserve_sequence INTEGER NOT NULL,
  sequence INTEGER NOT NULL,           -- of the settle
  hold_nanos INTEGER NOT NULL,
  form INTEGER NOT NULL,
  cost_nanos INTEGER NOT NULL,         -- as settled; adjustments come on top
  flags INTEGER NOT NULL,              -- UsageFlags
  accounts BLOB NOT NULL,
  reserved_at INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
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
  actual_model TEXT NOT NULL,
  model TEXT NOT NULL,                 -- as rollups have it: model_id(provider, asked_model)
  format TEXT NOT NULL,
  end_user TEXT NOT NULL,
  metadata TEXT NOT NULL,
  price_id TEXT NOT NULL,
  price_version TEXT NOT NULL,
  provider_request_id TEXT NOT NULL,
  service_tier TEXT NOT NULL,
  status INTEGER NOT NULL,
  ending TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  input_audio_tokens INTEGER NOT NULL,
  cached_input_audio_tokens INTEGER NOT NULL,
  output_audio_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  tool_calls INTEGER NOT NULL,
  explanation TEXT NOT NULL,
  PRIMARY KEY (workspace, request)
) WITHOUT ROWID;

-- What a usage turned out to cost beyond (or below) what it was settled at.
CREATE TABLE adjustments (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  request BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  delta_nanos INTEGER NOT NULL,
  accounts BLOB NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE INDEX adjustments_of_request ON adjustments (workspace, request);

-- Whose an earlier response is, when a request goes on from it.
CREATE INDEX usages_of_response ON usages (workspace, provider_request_id)
  WHERE format = 'openai_responses';

-- By 15 minutes (of the reserve) and who and what for. Costs with adjustments.
CREATE TABLE rollups (
  workspace BLOB NOT NULL,
  bucket INTEGER NOT NULL,
  team BLOB NOT NULL,
  user BLOB NOT NULL,
  project BLOB NOT NULL,
  model TEXT NOT NULL,
  key BLOB NOT NULL,
  label BLOB NOT NULL,
  membership BLOB NOT NULL,            -- follows from the key
  requests INTEGER NOT NULL,
  cost_nanos INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  input_audio_tokens INTEGER NOT NULL,
  cached_input_audio_tokens INTEGER NOT NULL,
  output_audio_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  tool_calls INTEGER NOT NULL,
  PRIMARY KEY (workspace, bucket, team, user, project, model, key, label)
) WITHOUT ROWID;
CREATE INDEX rollups_of_team ON rollups (workspace, team, bucket);
CREATE INDEX rollups_of_user ON rollups (workspace, user, bucket);
CREATE INDEX rollups_of_membership ON rollups (workspace, membership, bucket);
CREATE INDEX rollups_of_project ON rollups (workspace, project, bucket);
CREATE INDEX rollups_of_key ON rollups (workspace, key, bucket);
CREATE INDEX rollups_of_label ON rollups (workspace, label, bucket);

CREATE TABLE tasks (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  user BLOB NOT NULL,
  name TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  requests INTEGER NOT NULL,           -- settled
  cost_nanos INTEGER NOT NULL,         -- with adjustments
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE INDEX tasks_of_user ON tasks (workspace, user, last_used_at);

CREATE TABLE model_overspends (
  workspace BLOB NOT NULL,
  model TEXT NOT NULL,
  since INTEGER NOT NULL,
  overspend_nanos INTEGER NOT NULL,    -- in all
  requests INTEGER NOT NULL,
  open INTEGER NOT NULL,               -- until an admin clears it
  PRIMARY KEY (workspace, model)
) WITHOUT ROWID;

CREATE TABLE audit (
  workspace BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor BLOB NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  from_value TEXT NOT NULL,
  to_value TEXT NOT NULL,
  reason TEXT NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (workspace, sequence)
) WITHOUT ROWID;

-- Alerts on their way. The id follows from what crossed, so that a repeat cannot be a second one.
CREATE TABLE outbox (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  kind INTEGER NOT NULL,               -- 0 a threshold, 1 an overspend
  cap BLOB NOT NULL,                   -- zero for an overspend
  cycle_start INTEGER NOT NULL,
  percent INTEGER NOT NULL,
  limit_version INTEGER NOT NULL,
  request BLOB NOT NULL,               -- that crossed it; zero where a change did
  body TEXT NOT NULL,                  -- JSON
  made_at INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  delivered_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE INDEX outbox_open ON outbox (workspace, next_attempt_at) WHERE delivered_at IS NULL;

-- With the setting command_log: for an independent checker.
CREATE TABLE command_log (
  workspace BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  command TEXT NOT NULL,
  inputs TEXT NOT NULL,                -- JSON
  outcome TEXT NOT NULL,               -- JSON
  PRIMARY KEY (workspace, sequence)
) WITHOUT ROWID;
)sql";

static_assert(kUnconfirmed == 2);
const char* const kUnconfirmedIndex = R"sql(
CREATE INDEX usages_unconfirmed ON usages (workspace, reserved_at) WHERE (flags & 2) <> 0;
)sql";

const char* const kNumberedRows = R"sql(
CREATE TABLE numbered_accounts (
  workspace BLOB NOT NULL,
  cap BLOB NOT NULL,
  cycle_start INTEGER NOT NULL,
  cycle_end INTEGER NOT NULL,
  limit_nanos INTEGER NOT NULL,
  limit_version INTEGER NOT NULL,
  spent_nanos INTEGER NOT NULL,
  held_nanos INTEGER NOT NULL,
  crossed INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  excess INTEGER NOT NULL,             -- why spent + held may be above the limit; see Excess
  carried_nanos INTEGER NOT NULL,
  opened_sequence INTEGER NOT NULL,
  PRIMARY KEY (workspace, cap, cycle_start)
);
INSERT INTO numbered_accounts SELECT * FROM accounts;
DROP TABLE accounts;
ALTER TABLE numbered_accounts RENAME TO accounts;

CREATE TABLE numbered_holds (
  sequence INTEGER NOT NULL PRIMARY KEY,
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
INSERT INTO numbered_holds (workspace, request, epoch, sequence, amount_nanos, form, accounts, reserved_at, user, team, membership, key, project, label, task, task_name, provider, asked_model, format, end_user, metadata, price_id, price_version, explanation) SELECT workspace, request, epoch, sequence, amount_nanos, form, accounts, reserved_at, user, team, membership, key, project, label, task, task_name, provider, asked_model, format, end_user, metadata, price_id, price_version, explanation FROM holds;
DROP TABLE holds;
ALTER TABLE numbered_holds RENAME TO holds;

CREATE TABLE numbered_rollups (
  workspace BLOB NOT NULL,
  bucket INTEGER NOT NULL,
  team BLOB NOT NULL,
  user BLOB NOT NULL,
  project BLOB NOT NULL,
  model TEXT NOT NULL,
  key BLOB NOT NULL,
  label BLOB NOT NULL,
  membership BLOB NOT NULL,            -- follows from the key
  requests INTEGER NOT NULL,
  cost_nanos INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  input_audio_tokens INTEGER NOT NULL,
  cached_input_audio_tokens INTEGER NOT NULL,
  output_audio_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  tool_calls INTEGER NOT NULL,
  PRIMARY KEY (workspace, bucket, team, user, project, model, key, label)
);
INSERT INTO numbered_rollups SELECT * FROM rollups;
DROP TABLE rollups;
ALTER TABLE numbered_rollups RENAME TO rollups;
CREATE INDEX rollups_of_team ON rollups (workspace, team, bucket);
CREATE INDEX rollups_of_user ON rollups (workspace, user, bucket);
CREATE INDEX rollups_of_membership ON rollups (workspace, membership, bucket);
CREATE INDEX rollups_of_project ON rollups (workspace, project, bucket);
CREATE INDEX rollups_of_key ON rollups (workspace, key, bucket);
CREATE INDEX rollups_of_label ON rollups (workspace, label, bucket);
)sql";

}  // namespace purser::store
