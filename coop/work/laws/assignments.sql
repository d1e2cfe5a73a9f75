-- An assignment ends once.

CREATE OR REPLACE TRIGGER assignment_ended_stays_ended BEFORE UPDATE ON work_assignment FOR EACH ROW
    WHEN (OLD.state IN ('submitted', 'released')) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER assignment_ended_stays_ended ON work_assignment IS
    'Seconds that were handed in or given back are not reckoned again.';

CREATE OR REPLACE TRIGGER time_entry_superseded_or_frozen_stays_so BEFORE UPDATE ON work_timeentry FOR EACH ROW
    WHEN (OLD.superseded_at IS NOT NULL OR OLD.frozen) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER time_entry_superseded_or_frozen_stays_so ON work_timeentry IS
    'Time that a run is reckoned from is not corrected, and what was replaced doesn''t come back.';

CREATE OR REPLACE TRIGGER contest_seat_decided_stays_decided BEFORE UPDATE ON work_contestseat FOR EACH ROW
    WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER contest_seat_decided_stays_decided ON work_contestseat IS
    'Who was drawn to hear a contest decides once.';

CREATE OR REPLACE TRIGGER contest_drawn_stays_drawn BEFORE UPDATE OF seed ON work_contest FOR EACH ROW
    WHEN (OLD.seed <> '' AND OLD.seed <> NEW.seed) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER contest_drawn_stays_drawn ON work_contest IS
    'Who hears a contest is drawn once.';
