"""The tables, and how an older file becomes a newer one.

A file's version is its `user_version`: the number of migrations it has been through.
"""

from __future__ import annotations

from soroe.ports.errors import LocalTrouble

from .connection import Database
from .errors import NEWER, OLDER

_FIRST = """
CREATE TABLE fact (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, text NOT NULL UNIQUE);
INSERT INTO word VALUES (1, 'in_step');
CREATE TABLE sync (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name NOT NULL UNIQUE, state BLOB, links INTEGER NOT NULL DEFAULT 0);

-- One calendar or CRM list of one sync. A tree's id stands for sync, side and container everywhere else.
CREATE TABLE tree (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sync INTEGER NOT NULL, side INTEGER NOT NULL, container NOT NULL, cursor,
  UNIQUE (sync, side, container));

-- presence: 0 never seen (only named by a link or asked for), 1 there, 2 gone by tombstone, 3 gone from a listing.
-- shown: the one row of a meeting on Activities: 0 not it, 1 both sides, 2 CRM only, 3 calendar only; 0 and 1 take no
-- space, so that an item does not grow by being linked, nor by being settled with the first word.
-- start: seconds since the epoch. title_key: the folded title, where lower() does not make it. stamp: a checksum.
-- series: of an occurrence, its series' ref.
CREATE TABLE item (
  id INTEGER PRIMARY KEY, tree INTEGER NOT NULL, ref NOT NULL, presence INTEGER NOT NULL DEFAULT 0,
  dirty INTEGER NOT NULL DEFAULT 0, shown INTEGER NOT NULL DEFAULT 0, gone_at INTEGER, why INTEGER,
  start INTEGER, type, series, stamp INTEGER, version, match_key BLOB, title, title_key TEXT, body BLOB);
CREATE UNIQUE INDEX item_by_ref ON item (tree, ref);
CREATE INDEX item_dirty ON item (tree, ref) WHERE dirty = 1;
CREATE INDEX item_by_key ON item (match_key) WHERE presence = 1 AND match_key IS NOT NULL;
CREATE INDEX item_by_stamp ON item (stamp) WHERE presence = 1 AND stamp IS NOT NULL;
CREATE INDEX item_unseen ON item (tree) WHERE presence = 0;
CREATE INDEX item_by_series ON item (tree, series) WHERE series IS NOT NULL;
CREATE INDEX item_shown ON item (start, shown, tree, why, type, coalesce(title_key, lower(title))) WHERE shown > 0;

-- crm and calendar are items' ids; calendar_base is NULL where it equals crm_base, and text (in hex) where it goes on
-- behind it.
CREATE TABLE link (
  crm INTEGER PRIMARY KEY, calendar INTEGER NOT NULL UNIQUE, sync INTEGER NOT NULL, origin INTEGER NOT NULL,
  crm_base BLOB NOT NULL, calendar_base BLOB);

CREATE TABLE series (id INTEGER PRIMARY KEY, tree INTEGER NOT NULL, ref NOT NULL, UNIQUE (tree, ref));
CREATE TABLE series_part (
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL, ref NOT NULL, body BLOB NOT NULL, UNIQUE (series, ref));

-- Times are microseconds since the epoch. again_tree and again_ref: the item that a create is to bring back.
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sync INTEGER NOT NULL, kind TEXT NOT NULL, started INTEGER NOT NULL,
  finished INTEGER, created_crm INTEGER NOT NULL DEFAULT 0, created_calendar INTEGER NOT NULL DEFAULT 0,
  updated_crm INTEGER NOT NULL DEFAULT 0, updated_calendar INTEGER NOT NULL DEFAULT 0,
  deleted_crm INTEGER NOT NULL DEFAULT 0, deleted_calendar INTEGER NOT NULL DEFAULT 0,
  linked INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  held INTEGER NOT NULL DEFAULT 0, requests INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0,
  trouble TEXT NOT NULL DEFAULT '', undone INTEGER NOT NULL DEFAULT 0);
CREATE INDEX run_by_sync ON run (sync, id);
CREATE INDEX run_by_day ON run (started);
CREATE TABLE change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, sync INTEGER NOT NULL, at INTEGER NOT NULL,
  verb TEXT NOT NULL, side INTEGER NOT NULL, state TEXT NOT NULL, tree INTEGER, ref, again_tree INTEGER, again_ref,
  before BLOB, after BLOB,
  error TEXT NOT NULL DEFAULT '', more BLOB NOT NULL);
CREATE INDEX change_by_run ON change (run);
CREATE INDEX change_open ON change (sync) WHERE state = 'intended';
CREATE INDEX change_by_item ON change (tree, ref) WHERE state = 'done';
CREATE INDEX change_deletes ON change (at) WHERE verb = 'delete' AND state = 'done';
CREATE INDEX change_again ON change (again_tree, again_ref) WHERE again_tree IS NOT NULL;

CREATE TABLE finding (
  id INTEGER PRIMARY KEY, sync INTEGER NOT NULL, code TEXT NOT NULL, kind TEXT NOT NULL, crm_tree INTEGER, crm_ref,
  calendar_tree INTEGER, calendar_ref, body BLOB NOT NULL, UNIQUE (sync, code));
CREATE INDEX finding_by_crm ON finding (crm_tree, crm_ref) WHERE crm_tree IS NOT NULL;
CREATE INDEX finding_by_calendar ON finding (calendar_tree, calendar_ref) WHERE calendar_tree IS NOT NULL;
CREATE TABLE dismissal (
  sync INTEGER NOT NULL, code TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (sync, code)) WITHOUT ROWID;
CREATE TABLE choice (
  tree INTEGER NOT NULL, ref NOT NULL, action TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (tree, ref)
) WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)


def migrate(database: Database, migrations: tuple[str, ...] = MIGRATIONS) -> None:
    """Bring the file to the newest schema; raises `LocalTrouble("database_newer")` for a file of a later program."""
    if version(database) == len(migrations):
        return
    with database.transaction():
        found = version(database)  # another process may have been faster
        if found > len(migrations):
            raise LocalTrouble(NEWER)
        for script in migrations[found:]:
            database.script(script)
        database.script(f"PRAGMA user_version = {len(migrations)}")


def check_version(database: Database) -> None:
    """Let a file of exactly this schema pass; raises `LocalTrouble` (`database_newer`, `database_older`) for others."""
    found = version(database)
    if found != len(MIGRATIONS):
        raise LocalTrouble(NEWER if found > len(MIGRATIONS) else OLDER)


def version(database: Database) -> int:
    """How many migrations the file has been through."""
    row = database.row("PRAGMA user_version")
    return int(row[0]) if row else 0
