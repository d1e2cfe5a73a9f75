-- The clock of the co-operative. Every deadline asks it; nobody but the owner's role moves it, and only in a sandbox, and only forward.

CREATE TABLE IF NOT EXISTS sandbox_clock (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT sandbox_clock_has_one_row CHECK (only_row),
    sandbox boolean NOT NULL DEFAULT false,
    ahead_by interval NOT NULL DEFAULT '0',
    CONSTRAINT sandbox_clock_moves_only_in_sandbox CHECK (sandbox OR ahead_by = '0'),
    CONSTRAINT sandbox_clock_is_never_late CHECK (ahead_by >= '0')
);
COMMENT ON TABLE sandbox_clock IS 'How far the clock of a sandbox is ahead of the wall; the application only reads it, so no member can shorten a vote.';
INSERT INTO sandbox_clock DEFAULT VALUES ON CONFLICT DO NOTHING;
REVOKE ALL ON sandbox_clock FROM PUBLIC, canut_app;
GRANT SELECT ON sandbox_clock TO canut_app;

-- The table is named with its schema: a temporary table of the same name would otherwise be found first, and time would be its maker's.
CREATE OR REPLACE FUNCTION coop_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT clock_timestamp() + ahead_by FROM public.sandbox_clock $$;
COMMENT ON FUNCTION coop_now() IS 'The moment it is for the co-operative: the same for every process, whatever the clock of its machine says.';
REVOKE ALL ON FUNCTION coop_now() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION coop_now() TO canut_app;
