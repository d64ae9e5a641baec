#include "schema_alerts.h"

namespace purser::store {

// Thresholds are sets of multiples of 5 %: bit 0 is 5 %, bit 19 is 100 % (ledger::Thresholds).
// `crossed` of an account was three bits for 50, 80 and 100 % before.
const char* const kAlertsSchema = R"sql(
UPDATE accounts SET crossed =
  ((crossed & 1) << 9) | ((crossed & 2) << 14) | ((crossed & 4) << 17);

-- Of a cap that has none of its own: those of its team, else those of the workspace.
ALTER TABLE caps ADD COLUMN thresholds INTEGER NOT NULL DEFAULT 557568;
ALTER TABLE caps ADD COLUMN own_thresholds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE teams ADD COLUMN thresholds INTEGER;

-- The outbox becomes the list of all that happened and that somebody may want to hear of;
-- `planned_at` says that its messages and deliveries are written. What older versions wrote is no
-- news any more.
DROP INDEX outbox_open;
ALTER TABLE outbox RENAME COLUMN delivered_at TO planned_at;
ALTER TABLE outbox RENAME COLUMN request TO subject;
ALTER TABLE outbox ADD COLUMN scope_kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN scope_id BLOB NOT NULL
  DEFAULT x'00000000000000000000000000000000';
ALTER TABLE outbox DROP COLUMN attempts;
ALTER TABLE outbox DROP COLUMN next_attempt_at;
UPDATE outbox SET planned_at = made_at WHERE planned_at IS NULL;
-- Of 100 %: the cap has room again, and that was announced where it is a hard one.
ALTER TABLE outbox ADD COLUMN pause_over INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET pause_over = 1;
CREATE INDEX outbox_pauses ON outbox (workspace, cap, cycle_start)
  WHERE kind = 0 AND percent = 100 AND pause_over = 0;
CREATE INDEX outbox_unplanned ON outbox (workspace, sequence) WHERE planned_at IS NULL;

-- What is said of one event, or of several of one command. Its id is that of the first.
CREATE TABLE messages (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  type TEXT NOT NULL,                  -- "cap.threshold", …
  made_at INTEGER NOT NULL,
  body TEXT NOT NULL,                  -- JSON: alerts::Message
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;

-- A message on its way over one channel to one person, or to a channel's own address.
CREATE TABLE deliveries (
  workspace BLOB NOT NULL,
  message BLOB NOT NULL,
  channel TEXT NOT NULL,               -- its name in the configuration
  recipient BLOB NOT NULL,             -- a user; zero: nobody in particular
  address TEXT NOT NULL,               -- of an e-mail
  state INTEGER NOT NULL,              -- alerts::DeliveryState
  attempts INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  ended_at INTEGER,
  last_error TEXT NOT NULL,
  PRIMARY KEY (workspace, message, channel, recipient)
) WITHOUT ROWID;
CREATE INDEX deliveries_open ON deliveries (workspace, next_attempt_at) WHERE state = 0;
CREATE INDEX deliveries_failed ON deliveries (workspace, ended_at) WHERE state = 2;

CREATE TABLE inbox (
  workspace BLOB NOT NULL,
  user BLOB NOT NULL,
  message BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  read_at INTEGER,
  PRIMARY KEY (workspace, user, message)
) WITHOUT ROWID;
CREATE INDEX inbox_by_time ON inbox (workspace, user, made_at);

CREATE TABLE raise_requests (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  cap BLOB NOT NULL,
  asked_by BLOB NOT NULL,
  asked_at INTEGER NOT NULL,           -- first
  last_asked_at INTEGER NOT NULL,
  times INTEGER NOT NULL,              -- asked again is folded into one
  limit_nanos INTEGER,                 -- the limit asked for; null: whatever is thought right
  reason TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  state INTEGER NOT NULL,              -- identity::RaiseRequestState
  decided_by BLOB,
  decided_at INTEGER,
  word TEXT NOT NULL DEFAULT '',       -- what the decider says
  granted_limit_nanos INTEGER,
  granted_until INTEGER,               -- null: for good
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX raise_requests_open ON raise_requests (workspace, cap, asked_by)
  WHERE state = 0;
CREATE INDEX raise_requests_by_time ON raise_requests (workspace, asked_at);

-- Argon2id, as libsodium writes it.
CREATE TABLE passwords (
  workspace BLOB NOT NULL,
  user BLOB NOT NULL,
  hash TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, user)
) WITHOUT ROWID;

-- For setting a first password: good once, and for a day. Kept as a keyed hash, as sessions are.
CREATE TABLE sign_in_secrets (
  workspace BLOB NOT NULL,
  hash BLOB NOT NULL,
  user BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (workspace, hash)
) WITHOUT ROWID;

CREATE TABLE sessions (
  workspace BLOB NOT NULL,
  hash BLOB NOT NULL,
  user BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, hash)
) WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (workspace, user);

-- What a single request may be, of a workspace, team, user or key.
CREATE TABLE request_rules (
  workspace BLOB NOT NULL,
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL,
  max_request_nanos INTEGER,           -- null: no rule
  models TEXT,                         -- JSON: patterns of model ids; null: any
  PRIMARY KEY (workspace, scope_kind, scope_id)
) WITHOUT ROWID;
)sql";

}  // namespace purser::store
