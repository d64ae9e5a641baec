#include "schema_identity.h"

namespace purser::store {

// Names and e-mails are stored as given, and folded (see identity/names.h) where they must be
// unique. What has ended stays: usage, caps and the audit trail go on naming it; its name is free
// again. Instants are nanoseconds UTC, amounts nanos.
const char* const kIdentitySchema = R"sql(
CREATE TABLE users (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  kind INTEGER NOT NULL,               -- identity::UserKind
  name TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',      -- empty for a service account
  handle TEXT NOT NULL,                -- folded: a person's e-mail, a service account's name
  role INTEGER NOT NULL,               -- identity::Role: member, finance or admin
  owner_team BLOB,                     -- of a service account
  alerts_to BLOB,                      -- of a service account: the person who gets its alerts
  created INTEGER NOT NULL,
  deactivated INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX users_by_handle ON users (workspace, kind, handle);

CREATE TABLE teams (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  handle TEXT NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX teams_by_handle ON teams (workspace, handle) WHERE ended IS NULL;

CREATE TABLE memberships (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  team BLOB NOT NULL,
  is_lead INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX memberships_of_user ON memberships (workspace, user_id, team)
  WHERE ended IS NULL;
CREATE INDEX memberships_of_team ON memberships (workspace, team) WHERE ended IS NULL;

CREATE TABLE projects (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  handle TEXT NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX projects_by_handle ON projects (workspace, handle) WHERE ended IS NULL;

-- The teams that may book on a project.
CREATE TABLE project_teams (
  workspace BLOB NOT NULL,
  project BLOB NOT NULL,
  team BLOB NOT NULL,
  PRIMARY KEY (workspace, project, team)
) WITHOUT ROWID;

CREATE TABLE labels (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  handle TEXT NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX labels_by_handle ON labels (workspace, handle) WHERE ended IS NULL;

CREATE TABLE keys (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  -- Raised with any change to the key, its user or its team; see Change::raise_identity_version.
  identity_version INTEGER NOT NULL DEFAULT 1,
  kind INTEGER NOT NULL DEFAULT 0,     -- identity::KeyKind
  name TEXT NOT NULL DEFAULT '',
  hint TEXT NOT NULL DEFAULT '',       -- the first letters of its text, for telling keys apart
  hash BLOB,                           -- keyed BLAKE2b of its text; the text itself is nowhere
  user_id BLOB,
  membership BLOB,                     -- of a `use` key: whom it pays under
  default_project BLOB,
  default_label BLOB,
  refusal_status INTEGER,
  cost_comment INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL DEFAULT 0,
  revoked INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX keys_by_hash ON keys (workspace, hash);
CREATE INDEX keys_of_user ON keys (workspace, user_id);
CREATE INDEX keys_of_membership ON keys (workspace, membership);

CREATE TABLE templates (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  handle TEXT NOT NULL,
  default_for INTEGER,                 -- identity::UserKind whose new users get it
  created INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX templates_by_handle ON templates (workspace, handle) WHERE ended IS NULL;
CREATE UNIQUE INDEX templates_by_default ON templates (workspace, default_for)
  WHERE ended IS NULL AND default_for IS NOT NULL;

CREATE TABLE template_caps (
  workspace BLOB NOT NULL,
  template BLOB NOT NULL,
  period INTEGER NOT NULL,             -- purser::Period
  enforcement INTEGER NOT NULL,        -- ledger::Enforcement
  limit_nanos INTEGER NOT NULL,
  PRIMARY KEY (workspace, template, period, enforcement)
) WITHOUT ROWID;

-- Negotiated prices. The newest row of a model whose `valid_from` has come is in force.
CREATE TABLE price_overrides (
  workspace BLOB NOT NULL,
  id BLOB NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  body TEXT NOT NULL,                  -- JSON: rates in pico-USD, context window, output limit
  created INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
CREATE INDEX price_overrides_of_model ON price_overrides (workspace, provider, model, valid_from);
)sql";

}  // namespace purser::store
