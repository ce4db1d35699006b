-- Form 7: what there is to say of a transfer that went well.
ALTER TABLE transfers ADD COLUMN note TEXT NOT NULL DEFAULT '';
