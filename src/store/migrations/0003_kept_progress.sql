-- A deleted job whose position was to be kept, and a new job that must not go on from what its target holds of a
-- predecessor with the same id.
ALTER TABLE jobs ADD COLUMN progress_kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN begins_anew INTEGER NOT NULL DEFAULT 0;
