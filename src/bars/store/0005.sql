-- Form 5: a backup and a slave may have one name, and each has a history and a state of its own; who comes by itself says where it
-- listens. What was kept until now is whose name it has: marks are a backup's, what was brought or met a slave's. Of a name that
-- both had nobody knows any more whose it was.
ALTER TABLE transfers ADD COLUMN kind TEXT NOT NULL DEFAULT ''; -- backup | slave; '' = not known
UPDATE transfers SET kind = 'backup'
    WHERE target IN (SELECT target FROM marks)
      AND NOT EXISTS (SELECT 1 FROM meta WHERE key IN ('note:brought:' || target, 'note:met:' || target));
UPDATE transfers SET kind = 'slave'
    WHERE target NOT IN (SELECT target FROM marks)
      AND EXISTS (SELECT 1 FROM meta WHERE key IN ('note:brought:' || target, 'note:met:' || target, 'note:synced:' || target));

UPDATE meta SET key = 'note:synced_backup:' || substr(key, 13)
    WHERE key LIKE 'note:synced:%'
      AND substr(key, 13) IN (SELECT target FROM marks)
      AND NOT EXISTS (
          SELECT 1 FROM meta AS m WHERE m.key IN ('note:brought:' || substr(meta.key, 13), 'note:met:' || substr(meta.key, 13)));
UPDATE meta SET key = 'note:synced_slave:' || substr(key, 13)
    WHERE key LIKE 'note:synced:%' AND substr(key, 13) NOT IN (SELECT target FROM marks);
DELETE FROM meta WHERE key LIKE 'note:synced:%';
ALTER TABLE visits ADD COLUMN port INTEGER; -- where it listens; null: it did not say
