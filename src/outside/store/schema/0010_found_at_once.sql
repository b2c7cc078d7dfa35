-- Candidates are entered into the full text entry by entry: a row at a time makes the index write itself out each time, which
-- took as long as all else that is stored of an entry.
DROP TRIGGER candidate_can_be_found;
