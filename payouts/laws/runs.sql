-- A run goes forward: its inputs are fixed when it is frozen, its result when it is computed.

CREATE OR REPLACE TRIGGER period_stays_closed BEFORE UPDATE ON payouts_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER period_stays_closed ON payouts_period IS
    'A period whose pay was shared is not opened again.';

CREATE OR REPLACE TRIGGER run_frozen_keeps_its_inputs BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.frozen_at IS NOT NULL AND OLD.computed_at IS NULL)
    EXECUTE FUNCTION canut_fixed_but('state', 'computed_at', 'result', 'result_sha256', 'payable_total', 'distribution_id', 'bundle_sha256',
                                     'log_entry_id', 'objections_until');
COMMENT ON TRIGGER run_frozen_keeps_its_inputs ON payouts_payoutrun IS
    'Members object to what was reckoned from; it does not change under them.';

CREATE OR REPLACE TRIGGER run_computed_keeps_its_result BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.computed_at IS NOT NULL)
    EXECUTE FUNCTION canut_fixed_but('state', 'approved_at', 'approved_by_id', 'reserved_at', 'executing_at', 'settled_at', 'closed_at');
COMMENT ON TRIGGER run_computed_keeps_its_result ON payouts_payoutrun IS
    'What members were shown is what is paid.';

CREATE OR REPLACE TRIGGER run_approved_keeps_its_approval BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW WHEN (OLD.approved_at IS NOT NULL)
    EXECUTE FUNCTION canut_fixed_but('state', 'reserved_at', 'executing_at', 'settled_at', 'closed_at');
COMMENT ON TRIGGER run_approved_keeps_its_approval ON payouts_payoutrun IS
    'Who let a run be paid, and when, is answered for by nobody else.';

CREATE OR REPLACE TRIGGER run_never_goes_back BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.reserved_at <> coalesce(NEW.reserved_at, '-infinity') OR OLD.executing_at <> coalesce(NEW.executing_at, '-infinity')
          OR OLD.settled_at <> coalesce(NEW.settled_at, '-infinity') OR OLD.closed_at <> coalesce(NEW.closed_at, '-infinity'))
    EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER run_never_goes_back ON payouts_payoutrun IS
    'No moment of a run is unmade or moved.';

CREATE OR REPLACE TRIGGER objection_answered_stays_answered BEFORE UPDATE ON payouts_objection
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER objection_answered_stays_answered ON payouts_objection IS
    'An answer that was given is not taken back or reworded.';

CREATE OR REPLACE FUNCTION books_follow_the_periods() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.number > 1 AND EXISTS (SELECT FROM payouts_period)
       AND NOT EXISTS (SELECT FROM payouts_period WHERE number = NEW.number AND starts_at = NEW.starts_at) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'books_begin_with_their_period', TABLE = 'ledger_period',
            MESSAGE = 'books_begin_with_their_period: a period of the books begins when its period does';
    ELSIF NEW.closed_at IS NOT NULL AND EXISTS (
        SELECT FROM payouts_period period LEFT JOIN payouts_payoutrun run ON run.period_id = period.id
        WHERE period.number = NEW.number AND run.computed_at IS NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'books_close_with_their_run', TABLE = 'ledger_period',
            MESSAGE = 'books_close_with_their_run: the books of a period close with the run that shares it';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION books_follow_the_periods() FROM PUBLIC;
COMMENT ON FUNCTION books_follow_the_periods() IS
    'Compares, at commit, a period of the books with the period of pay of the same number and its run.';

DROP TRIGGER IF EXISTS books_follow_the_periods ON ledger_period;
CREATE CONSTRAINT TRIGGER books_follow_the_periods AFTER INSERT OR UPDATE ON ledger_period DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION books_follow_the_periods();
COMMENT ON TRIGGER books_follow_the_periods ON ledger_period IS
    'What a period earned is shared before its books close, and never after.';
