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

CREATE OR REPLACE FUNCTION contest_seat_is_drawn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    contest work_contest;
BEGIN
    SELECT * INTO contest FROM work_contest WHERE id = NEW.contest_id FOR NO KEY UPDATE;
    IF contest.seed = '' THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_seat_after_the_draw', TABLE = 'work_contestseat',
            MESSAGE = 'contest_seat_after_the_draw: nobody hears a contest before the lot is drawn';
    ELSIF (SELECT count(*) FROM work_contestseat WHERE contest_id = NEW.contest_id) >= 2 THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_seats_are_two', TABLE = 'work_contestseat',
            MESSAGE = 'contest_seats_are_two: two members hear a contest';
    ELSIF NEW.member_id = (SELECT member_id FROM work_waitingtime WHERE id = contest.waiting_id) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_seat_of_somebody_else', TABLE = 'work_contestseat',
            MESSAGE = 'contest_seat_of_somebody_else: nobody hears a contest about their own time';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION contest_seat_is_drawn() FROM PUBLIC;
COMMENT ON FUNCTION contest_seat_is_drawn() IS
    'Refuses a seat before the draw, a third one, and one for her whose time is contested.';

CREATE OR REPLACE TRIGGER contest_seat_is_drawn BEFORE INSERT ON work_contestseat
    FOR EACH ROW EXECUTE FUNCTION contest_seat_is_drawn();
COMMENT ON TRIGGER contest_seat_is_drawn ON work_contestseat IS
    'Nobody is put among those who hear a contest but by its lot.';
