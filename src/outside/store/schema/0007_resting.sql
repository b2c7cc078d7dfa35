-- Until when a feed need not be asked, and whether its host wanted that (or the last answer is fresh).
ALTER TABLE source ADD COLUMN rests_until INTEGER;
ALTER TABLE source ADD COLUMN asked_for_peace INTEGER NOT NULL DEFAULT 0;
