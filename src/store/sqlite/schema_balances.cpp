#include "schema_balances.h"

namespace purser::store {

// Measured at 64 connections and 1,000 users: of the 40 pages of a commit, nearly all held
// accounts, rollups and usages, and in each a row or two had changed; now it writes some 15.
// Numbers are columns of their own, since a VACUUM may number anew the rows of a table that has
// none.
const char* const kBalancesSchema = R"sql(
-- An account; its balances as of when it left `recent_balances`.
CREATE TABLE account_rows (
  number INTEGER NOT NULL PRIMARY KEY,
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
  UNIQUE (workspace, cap, cycle_start)
);
INSERT INTO account_rows SELECT rowid, * FROM accounts;
DROP TABLE accounts;

-- The balances of accounts that were used lately, at most `recent_balances` of StoreOptions; where
-- an account is here, this is what it has spent and held.
CREATE TABLE recent_balances (
  account INTEGER NOT NULL PRIMARY KEY,
  spent_nanos INTEGER NOT NULL,
  held_nanos INTEGER NOT NULL
);
CREATE VIEW accounts AS
  SELECT a.number, a.workspace, a.cap, a.cycle_start, a.cycle_end, a.limit_nanos, a.limit_version,
    CASE WHEN r.account IS NULL THEN a.spent_nanos ELSE r.spent_nanos END AS spent_nanos,
    CASE WHEN r.account IS NULL THEN a.held_nanos ELSE r.held_nanos END AS held_nanos,
    a.crossed, a.ended, a.excess, a.carried_nanos, a.opened_sequence
  FROM account_rows a LEFT JOIN recent_balances r ON r.account = a.number;

-- From now on in the order of the settles: in that of their ids, each usage of a commit went into
-- a page of its own. Where there are millions already, this takes minutes, and twice their room.
CREATE TABLE numbered_usages (
  number INTEGER NOT NULL PRIMARY KEY,
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
  UNIQUE (workspace, request)
);
INSERT INTO numbered_usages SELECT NULL, * FROM usages;
DROP TABLE usages;
ALTER TABLE numbered_usages RENAME TO usages;
CREATE INDEX usages_of_response ON usages (workspace, provider_request_id)
  WHERE format = 'openai_responses';
CREATE INDEX usages_unconfirmed ON usages (workspace, reserved_at) WHERE (flags & 2) <> 0;

CREATE TABLE rollup_rows (
  number INTEGER NOT NULL PRIMARY KEY,
  workspace BLOB NOT NULL,
  bucket INTEGER NOT NULL,
  team BLOB NOT NULL,
  user BLOB NOT NULL,
  project BLOB NOT NULL,
  model TEXT NOT NULL,
  key BLOB NOT NULL,
  label BLOB NOT NULL,
  membership BLOB NOT NULL,            -- follows from the key
  UNIQUE (workspace, bucket, team, user, project, model, key, label)
);
CREATE TABLE rollup_sums (
  rollup INTEGER NOT NULL PRIMARY KEY,
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
  tool_calls INTEGER NOT NULL
);
INSERT INTO rollup_rows SELECT rowid, workspace, bucket, team, user, project, model, key, label,
  membership FROM rollups;
INSERT INTO rollup_sums SELECT rowid, requests, cost_nanos, input_tokens, cached_input_tokens,
  cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, input_audio_tokens,
  cached_input_audio_tokens, output_audio_tokens, reasoning_tokens, web_searches, tool_calls
  FROM rollups;
DROP TABLE rollups;
CREATE INDEX rollups_of_team ON rollup_rows (workspace, team, bucket);
CREATE INDEX rollups_of_user ON rollup_rows (workspace, user, bucket);
CREATE INDEX rollups_of_membership ON rollup_rows (workspace, membership, bucket);
CREATE INDEX rollups_of_project ON rollup_rows (workspace, project, bucket);
CREATE INDEX rollups_of_key ON rollup_rows (workspace, key, bucket);
CREATE INDEX rollups_of_label ON rollup_rows (workspace, label, bucket);
-- CROSS JOIN: the row comes first, by an index, then its sums by number.
CREATE VIEW rollups AS
  SELECT r.workspace, r.bucket, r.team, r.user, r.project, r.model, r.key, r.label, r.membership,
    s.requests, s.cost_nanos, s.input_tokens, s.cached_input_tokens, s.cache_write_5m_tokens,
    s.cache_write_1h_tokens, s.output_tokens, s.input_audio_tokens, s.cached_input_audio_tokens,
    s.output_audio_tokens, s.reasoning_tokens, s.web_searches, s.tool_calls
  FROM rollup_rows r CROSS JOIN rollup_sums s ON s.rollup = r.number;
)sql";

}  // namespace purser::store
