-- The epoch of the latest start of the job that somebody asked for; 0 = from before this was kept.
ALTER TABLE jobs ADD COLUMN asked_epoch INTEGER NOT NULL DEFAULT 0;
