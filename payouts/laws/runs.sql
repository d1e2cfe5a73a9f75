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

CREATE OR REPLACE TRIGGER run_never_goes_back BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (num_nonnulls(NEW.frozen_at, NEW.computed_at, NEW.approved_at, NEW.reserved_at, NEW.executing_at, NEW.settled_at, NEW.closed_at)
          < num_nonnulls(OLD.frozen_at, OLD.computed_at, OLD.approved_at, OLD.reserved_at, OLD.executing_at, OLD.settled_at, OLD.closed_at))
    EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER run_never_goes_back ON payouts_payoutrun IS
    'No moment of a run is unmade.';

CREATE OR REPLACE TRIGGER objection_answered_stays_answered BEFORE UPDATE ON payouts_objection
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER objection_answered_stays_answered ON payouts_objection IS
    'An answer that was given is not taken back or reworded.';
