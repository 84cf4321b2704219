"""The tables of a ledger in an SQLite file, and what has been added to them.

Numbers and texts never get here: senders and blocks are keyed hashes. Money and time are integers, as everywhere.
"""

VERSION = 1
"""The version of the tables; a program refuses another one than it knows."""
FORMAT = 2
"""The count of what has been added to them; a program refuses a later one than it knows, and brings an earlier one up to date."""
APPLICATION_ID = 0x616E7472  # "antr", so that `file` and we can tell it from another database

SCHEMA = """
CREATE TABLE charge (
    seq INTEGER PRIMARY KEY,  -- the newest charge is never pruned, so no number is given twice
    message_id TEXT NOT NULL UNIQUE,
    sender BLOB NOT NULL,
    micros INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE sender (key BLOB PRIMARY KEY, tat_ms INTEGER NOT NULL, opted_out INTEGER NOT NULL DEFAULT 0)
    STRICT, WITHOUT ROWID;
CREATE TABLE block (key BLOB PRIMARY KEY, tat_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tally (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pace_tat_ms INTEGER NOT NULL,
    replies INTEGER NOT NULL,
    replies_micros INTEGER NOT NULL,
    received_micros INTEGER NOT NULL
) STRICT;
INSERT INTO account VALUES (1, 0, 0, 0, 0);
"""

ADDITIONS = """
ALTER TABLE sender ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sender ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sender ADD COLUMN written_tat_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE block ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE block ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE block ADD COLUMN written_tat_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN pace_used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN pace_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN counted_micros INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN now_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN clock_ms INTEGER NOT NULL DEFAULT 0;
UPDATE account SET
    (pace_at_ms, counted_micros) = (pace_tat_ms, replies_micros),
    (now_ms, clock_ms) = (SELECT ifnull(max(at_ms), 0), ifnull(max(at_ms), 0) FROM charge);
CREATE TABLE told (teller TEXT, name TEXT, mark INTEGER NOT NULL, PRIMARY KEY (teller, name)) STRICT, WITHOUT ROWID;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO about VALUES ('format', '2');
"""
"""Format 2: a bucket is what was used. Only additions, so that a worker of format 1 still runs beside it.

1. That one knows a bucket as `tat_ms`, the instant at which nothing of it counts any more. We write it as well, and beside
   it what we have written: if they differ, it has paid since, and we read its instant (nothing used at an instant that is
   still to come is the same under any limit). Of both states the one that holds back longer counts.
2. What it took from the pace is what the account has paid beyond `counted_micros`.
"""
