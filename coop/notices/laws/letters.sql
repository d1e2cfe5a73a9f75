-- A letter carries what is its reader's, and each notice goes into one letter.

CREATE OR REPLACE FUNCTION notice_lies_in_one_letter_to_its_reader() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.letter_id IS NOT NULL AND NEW.letter_id IS DISTINCT FROM OLD.letter_id THEN
        RAISE EXCEPTION 'a notice that lies in a letter stays in it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.letter_id IS NOT NULL AND NOT EXISTS (SELECT FROM notices_letter WHERE id = NEW.letter_id AND user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'this letter is to somebody else'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION notice_lies_in_one_letter_to_its_reader() IS 'Refuses to put a notice into a second letter, or into one to somebody else.';
REVOKE ALL ON FUNCTION notice_lies_in_one_letter_to_its_reader() FROM PUBLIC;

CREATE OR REPLACE TRIGGER notice_lies_in_one_letter_to_its_reader BEFORE INSERT OR UPDATE OF letter_id ON notices_notice
    FOR EACH ROW EXECUTE FUNCTION notice_lies_in_one_letter_to_its_reader();
COMMENT ON TRIGGER notice_lies_in_one_letter_to_its_reader ON notices_notice IS
    'What is told to one person is mailed to that person, and once.';

-- What was called read stays read, in the moment it was.
CREATE OR REPLACE TRIGGER notice_is_read_once BEFORE UPDATE OF read_at ON notices_notice
    FOR EACH ROW WHEN (OLD.read_at IS NOT NULL AND NEW.read_at IS DISTINCT FROM OLD.read_at) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER notice_is_read_once ON notices_notice IS 'Nobody makes a notice new again that its reader has read.';
