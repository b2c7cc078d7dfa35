-- The passage as readers see it, where that is not its text.
ALTER TABLE candidate ADD COLUMN shown TEXT;
