-- What a task says itself of its times and its runs; NULL = the daemon's.
ALTER TABLE jobs ADD COLUMN grace_seconds INTEGER;
ALTER TABLE jobs ADD COLUMN deadline_seconds INTEGER;
