//! The schema, as numbered migrations. Every table leads its key with the tenant; times are microseconds since 1970, ids of rows are
//! unique microseconds too, truth values are 0 and 1. Ids of what people set up are
//! small numbers that are used once, since they stand in millions of rows. A table whose rows are large, or whose rows are only ever
//! looked up by their id, says so.
//!
//! What every execution leaves (`deliveries`, `payloads`, `source_models`, `executions`) is kept small, for there are millions of it:
//!
//! - `deliveries` are in the order of their source: where that is not known, they are looked up in each of those that `ledger` has, which
//!   are all that there ever were;
//! - a column that refers to a row with the number of its own row holds 0: see `numbers`;
//! - `source_models.key_hash` is the beginning of the SHA-256 of the key, 32 bits of it: a key is compared where it fits;
//! - `source_models.version` is packed: see `versions`;
//! - `executions.at` is counted from the id, in microseconds, and NULL until it has run; `executions.digest` is 64 bits long, in older rows 128;
//! - `dictionaries.parted` is 0 where a dictionary is of whole payloads, else the compressor that it is for: see `payload`;
//! - payloads are found by the first four bytes of their address, which is compared where they fit.

/// One migration after the other. What stands here is never changed: a change is a new migration.
pub const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE tenants (
  tenant BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, settings TEXT NOT NULL, data_key BYTEA NOT NULL, identity_key BYTEA NOT NULL,
  created BIGINT NOT NULL);
CREATE TABLE tokens (
  hash BYTEA NOT NULL PRIMARY KEY, tenant BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
  reveal BIGINT NOT NULL, created BIGINT NOT NULL, expires BIGINT, revoked BIGINT);
CREATE TABLE audit (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
  reason TEXT, details TEXT, PRIMARY KEY (tenant, id));
CREATE TABLE providers (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL, credentials BYTEA,
  status TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE models (
  tenant BIGINT NOT NULL, name TEXT NOT NULL, declaration TEXT NOT NULL, edits TEXT NOT NULL, shape TEXT, revision BIGINT NOT NULL,
  PRIMARY KEY (tenant, name));
CREATE TABLE sources (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, provider BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL,
  settings TEXT NOT NULL, secrets BYTEA, url_hash BYTEA, url_token BYTEA, enabled BIGINT NOT NULL, created BIGINT NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX sources_by_url ON sources (url_hash);
CREATE TABLE processors (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, enabled BIGINT NOT NULL,
  version BIGINT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE processor_versions ( -- large
  tenant BIGINT NOT NULL, processor BIGINT NOT NULL, version BIGINT NOT NULL, author TEXT NOT NULL, at BIGINT NOT NULL, note TEXT,
  spec TEXT NOT NULL, PRIMARY KEY (tenant, processor, version));
CREATE TABLE links (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source BIGINT NOT NULL, processor BIGINT NOT NULL, enabled BIGINT NOT NULL,
  constants BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE link_constants (
  tenant BIGINT NOT NULL, link BIGINT NOT NULL, version BIGINT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (tenant, link, version));
CREATE TABLE deliveries (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source BIGINT NOT NULL, verdict BIGINT NOT NULL, reason TEXT, bytes BIGINT NOT NULL,
  records BIGINT NOT NULL, payload BIGINT, PRIMARY KEY (tenant, id));
CREATE INDEX deliveries_by_source ON deliveries (tenant, source, id);
CREATE TABLE events (
  tenant BIGINT NOT NULL, source BIGINT NOT NULL, event BYTEA NOT NULL, delivery BIGINT NOT NULL, PRIMARY KEY (tenant, source, event));
CREATE TABLE dictionaries ( -- large
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source BIGINT NOT NULL, content BYTEA NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE payloads ( -- by id
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, address BYTEA NOT NULL, dictionary BIGINT NOT NULL, content BYTEA NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE INDEX payloads_by_address ON payloads (tenant, address);
CREATE TABLE source_models (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source BIGINT NOT NULL, record_key TEXT, key_hash BIGINT NOT NULL, version TEXT,
  delivery BIGINT NOT NULL, place BIGINT NOT NULL, payload BIGINT, digest BIGINT NOT NULL, verdict BIGINT NOT NULL, pending BIGINT NOT NULL,
  failed BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX source_models_by_key ON source_models (tenant, source, key_hash, id);
CREATE TABLE executions (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source_model BIGINT NOT NULL, link BIGINT NOT NULL, version BIGINT NOT NULL,
  constants BIGINT NOT NULL, status BIGINT NOT NULL, at BIGINT NOT NULL, took BIGINT NOT NULL, context BIGINT, digest BYTEA, outcome BYTEA,
  reads BYTEA, code TEXT, instruction TEXT, message TEXT, job BIGINT, PRIMARY KEY (tenant, id));
CREATE INDEX executions_by_link ON executions (tenant, link, id);
CREATE INDEX executions_by_source_model ON executions (tenant, source_model);
CREATE INDEX executions_in_trouble ON executions (tenant, status, id) WHERE status NOT IN (2);
CREATE INDEX executions_by_job ON executions (tenant, job, id) WHERE job IS NOT NULL;
CREATE TABLE contexts (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, digest BYTEA NOT NULL, document TEXT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX contexts_by_digest ON contexts (tenant, digest);
CREATE TABLE jobs (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE queue (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE ledger (
  tenant BIGINT NOT NULL, source BIGINT NOT NULL, received BIGINT NOT NULL, executed BIGINT NOT NULL, duplicate BIGINT NOT NULL,
  stale BIGINT NOT NULL, rejected BIGINT NOT NULL, waiting BIGINT NOT NULL, failed BIGINT NOT NULL, PRIMARY KEY (tenant, source));
CREATE TABLE entities (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, kind BIGINT NOT NULL, name TEXT NOT NULL, email BYTEA, parent BIGINT, created BIGINT NOT NULL,
  archived BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE identities (
  tenant BIGINT NOT NULL, id BYTEA NOT NULL, kind BIGINT NOT NULL, provider BIGINT NOT NULL, external_id TEXT NOT NULL,
  external_name BYTEA NOT NULL, email BYTEA, team BYTEA, project BYTEA, entity BIGINT, ignored BIGINT NOT NULL, execution BIGINT NOT NULL,
  created BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX identities_by_kind ON identities (tenant, kind, created, id);
CREATE TABLE records (
  tenant BIGINT NOT NULL, id BYTEA NOT NULL, kind BIGINT NOT NULL, provider BIGINT NOT NULL, external_id TEXT NOT NULL,
  moment BIGINT NOT NULL, ended BIGINT, type TEXT, value TEXT, agent BYTEA, team BYTEA, project BYTEA, segment BYTEA, proposition BYTEA,
  contact BYTEA, rest TEXT, locked TEXT, execution BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX records_by_moment ON records (tenant, kind, moment, id);
CREATE INDEX records_by_contact ON records (tenant, contact, kind) WHERE contact IS NOT NULL;
CREATE TABLE contact_changes (
  tenant BIGINT NOT NULL, provider BIGINT NOT NULL, contact BYTEA NOT NULL, track TEXT NOT NULL, moment BIGINT NOT NULL, id BYTEA NOT NULL,
  period_type TEXT, external_id TEXT NOT NULL, PRIMARY KEY (tenant, provider, contact, track, moment, id))
",
    "
CREATE TABLE cursors (
  tenant BIGINT NOT NULL, source BIGINT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (tenant, source, name));
CREATE TABLE cursor_history (
  tenant BIGINT NOT NULL, source BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, actor TEXT NOT NULL,
  PRIMARY KEY (tenant, source, id));
CREATE TABLE runs (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source BIGINT NOT NULL, kind TEXT NOT NULL, verdict TEXT NOT NULL, ended BIGINT,
  pages BIGINT NOT NULL, records BIGINT NOT NULL, taken BIGINT NOT NULL, duplicate BIGINT NOT NULL, stale BIGINT NOT NULL,
  failed BIGINT NOT NULL, reason TEXT, document TEXT, PRIMARY KEY (tenant, id));
CREATE INDEX runs_by_source ON runs (tenant, source, id);
CREATE TABLE enrichments (
  tenant BIGINT NOT NULL, source_model BIGINT NOT NULL, chain TEXT NOT NULL, id BIGINT NOT NULL, payload BIGINT, missing BIGINT NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE INDEX enrichments_by_source_model ON enrichments (tenant, source_model, chain);
CREATE TABLE postponed (
  tenant BIGINT NOT NULL, execution BIGINT NOT NULL, attempts BIGINT NOT NULL, due BIGINT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (tenant, execution))
",
    "
CREATE TABLE users (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, email BYTEA NOT NULL, email_hash BYTEA NOT NULL, role TEXT NOT NULL,
  reveal BIGINT NOT NULL, password TEXT, created BIGINT NOT NULL, seen BIGINT, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX users_by_email ON users (email_hash);
CREATE TABLE sessions (
  hash BYTEA NOT NULL PRIMARY KEY, tenant BIGINT NOT NULL, person BIGINT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX sessions_by_person ON sessions (tenant, person);
CREATE TABLE invites (
  hash BYTEA NOT NULL PRIMARY KEY, tenant BIGINT NOT NULL, person BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX invites_by_person ON invites (tenant, person)
",
    "
CREATE TABLE sequences (
  name TEXT NOT NULL PRIMARY KEY, last BIGINT NOT NULL)
",
    "
ALTER TABLE source_models ADD COLUMN job BIGINT;
CREATE INDEX source_models_by_job ON source_models (tenant, job, id) WHERE job IS NOT NULL
",
    "
CREATE TABLE finds (
  tenant BIGINT NOT NULL, job BIGINT NOT NULL, kind BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant, job, kind, id));
CREATE TABLE erased (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (tenant, id))
",
    "
ALTER TABLE identities ADD COLUMN seen BIGINT;
CREATE INDEX identities_by_entity ON identities (tenant, entity) WHERE entity IS NOT NULL;
CREATE TABLE tallies (
  tenant BIGINT NOT NULL, identity BYTEA NOT NULL, kind BIGINT NOT NULL, records BIGINT NOT NULL, PRIMARY KEY (tenant, identity, kind));
INSERT INTO tallies SELECT tenant, SUBSTR(id, 1, 0), kind, COUNT(*) FROM records GROUP BY tenant, SUBSTR(id, 1, 0), kind;
INSERT INTO tallies SELECT tenant, agent, kind, COUNT(*) FROM records WHERE agent IS NOT NULL GROUP BY tenant, agent, kind;
INSERT INTO tallies SELECT tenant, team, kind, COUNT(*) FROM records WHERE team IS NOT NULL GROUP BY tenant, team, kind;
INSERT INTO tallies SELECT tenant, project, kind, COUNT(*) FROM records WHERE project IS NOT NULL GROUP BY tenant, project, kind;
INSERT INTO tallies SELECT tenant, segment, kind, COUNT(*) FROM records WHERE segment IS NOT NULL GROUP BY tenant, segment, kind;
INSERT INTO tallies SELECT tenant, proposition, kind, COUNT(*) FROM records WHERE proposition IS NOT NULL GROUP BY tenant, proposition, kind
",
    "
CREATE TABLE leases (
  tenant BIGINT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (tenant, name));
CREATE TABLE connecting (
  hash BYTEA NOT NULL PRIMARY KEY, tenant BIGINT NOT NULL, provider BIGINT NOT NULL, document BYTEA NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX connecting_by_tenant ON connecting (tenant, expires)
",
    "
ALTER TABLE queue ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0
",
    "
CREATE TABLE version_presets ( -- large
  tenant BIGINT NOT NULL, processor BIGINT NOT NULL, version BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, spec TEXT NOT NULL,
  constants TEXT NOT NULL, PRIMARY KEY (tenant, processor, version));
INSERT INTO version_presets (tenant, processor, version, kind, name, spec, constants)
  SELECT tenant, processor, version, substr(note, 8, instr(note, '/') - 8), substr(note, instr(note, '/') + 1), spec, ''
  FROM processor_versions WHERE note LIKE 'preset %/%'
",
    "
DROP INDEX payloads_by_address;
CREATE INDEX payloads_by_address ON payloads (tenant, substr(address, 1, 4));
ALTER TABLE dictionaries ADD COLUMN parted BIGINT NOT NULL DEFAULT 0;
DROP INDEX source_models_by_key;
DROP INDEX source_models_by_job;
ALTER TABLE source_models RENAME TO source_models_before;
CREATE TABLE source_models (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source BIGINT NOT NULL, record_key TEXT, key_hash BIGINT NOT NULL, version BYTEA,
  delivery BIGINT NOT NULL, place BIGINT NOT NULL, payload BIGINT, digest BIGINT NOT NULL, verdict BIGINT NOT NULL, pending BIGINT NOT NULL,
  failed BIGINT NOT NULL, job BIGINT, PRIMARY KEY (tenant, id));
INSERT INTO source_models SELECT tenant, id, source, record_key, key_hash >> 32, CAST(version AS BYTEA), delivery, place, payload, digest,
  verdict, pending, failed, job FROM source_models_before ORDER BY tenant, id;
DROP TABLE source_models_before;
CREATE INDEX source_models_by_key ON source_models (tenant, source, key_hash, id);
CREATE INDEX source_models_by_job ON source_models (tenant, job, id) WHERE job IS NOT NULL;
DROP INDEX executions_by_link;
DROP INDEX executions_by_source_model;
DROP INDEX executions_in_trouble;
DROP INDEX executions_by_job;
ALTER TABLE executions RENAME TO executions_before;
CREATE TABLE executions (
  tenant BIGINT NOT NULL, id BIGINT NOT NULL, source_model BIGINT NOT NULL, link BIGINT NOT NULL, version BIGINT NOT NULL,
  constants BIGINT NOT NULL, status BIGINT NOT NULL, at BIGINT, took BIGINT NOT NULL, context BIGINT, digest BYTEA, outcome BYTEA,
  reads BYTEA, code TEXT, instruction TEXT, message TEXT, job BIGINT, PRIMARY KEY (tenant, id));
INSERT INTO executions SELECT tenant, id, source_model, link, version, constants, status, CASE WHEN at = 0 THEN NULL ELSE at - id END, took,
  context, digest, outcome, reads, code, instruction, message, job FROM executions_before ORDER BY tenant, id;
DROP TABLE executions_before;
CREATE INDEX executions_by_link ON executions (tenant, link, id);
CREATE INDEX executions_by_source_model ON executions (tenant, source_model) WHERE source_model <> 0;
CREATE INDEX executions_in_trouble ON executions (tenant, status, id) WHERE status NOT IN (2);
CREATE INDEX executions_by_job ON executions (tenant, job, id) WHERE job IS NOT NULL
",
    "
CREATE TABLE attempts (
  tenant BIGINT NOT NULL, execution BIGINT NOT NULL, id BIGINT NOT NULL, version BIGINT NOT NULL, constants BIGINT NOT NULL,
  status BIGINT NOT NULL, at BIGINT NOT NULL, took BIGINT NOT NULL, context BIGINT, digest BYTEA, outcome BYTEA, reads BYTEA, code TEXT,
  instruction TEXT, message TEXT, actor TEXT NOT NULL, pinned BIGINT NOT NULL, fresh BIGINT NOT NULL, PRIMARY KEY (tenant, execution, id))
",
    "
DROP INDEX deliveries_by_source;
ALTER TABLE deliveries RENAME TO deliveries_before;
CREATE TABLE deliveries (
  tenant BIGINT NOT NULL, source BIGINT NOT NULL, id BIGINT NOT NULL, verdict BIGINT NOT NULL, reason TEXT, bytes BIGINT NOT NULL,
  records BIGINT NOT NULL, payload BIGINT, PRIMARY KEY (tenant, source, id));
INSERT INTO deliveries SELECT tenant, source, id, verdict, reason, bytes, records, payload FROM deliveries_before ORDER BY tenant, source, id;
DROP TABLE deliveries_before
",
];
