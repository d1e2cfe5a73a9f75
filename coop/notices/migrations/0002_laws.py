"""The laws of notices: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

LETTERS = r"""
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
"""

RIGHTS = r"""
-- What the application may do with each table. What somebody was told stays as it was told.

SELECT canut_kept('notices_notice', changing => ARRAY['read_at', 'mailed', 'letter_id']);
SELECT canut_kept('notices_letter', changing => ARRAY['state', 'trouble', 'tries', 'next_try_at', 'tried_at', 'ended_at']);
SELECT canut_free('notices_mailchoice');  -- a choice is taken back by deleting it
"""

STATES = r"""
-- The graph of a letter: what was sent stays sent, and nothing is sent that was not written down before.

SELECT canut_states('notices_letter', 'state', begins => ARRAY['waiting'], moves => ARRAY[
    'waiting>sending', 'waiting>dropped', 'sending>sent', 'sending>waiting', 'sending>given_up', 'sending>unknown',
    'given_up>waiting', 'unknown>waiting', 'unknown>sent']);
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_tables"), ("talk", "0002_laws")]
    operations = [migrations.RunSQL(LETTERS), migrations.RunSQL(RIGHTS), migrations.RunSQL(STATES)]
