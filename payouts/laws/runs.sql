-- A run goes forward: its inputs are fixed when it is frozen, its result when it is computed.

CREATE OR REPLACE TRIGGER period_stays_closed BEFORE UPDATE ON payouts_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER period_stays_closed ON payouts_period IS
    'A period whose pay was shared is not opened again.';

CREATE OR REPLACE TRIGGER run_frozen_keeps_its_inputs BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.frozen_at IS NOT NULL AND OLD.approved_at IS NULL)
    EXECUTE FUNCTION canut_fixed_but('state', 'current_id', 'recognition_id', 'distribution_id', 'computed_at', 'objections_until',
                                     'approved_at', 'approved_by_id');
COMMENT ON TRIGGER run_frozen_keeps_its_inputs ON payouts_payoutrun IS
    'Members object to what was reckoned from; it does not change under them.';

CREATE OR REPLACE TRIGGER run_approved_keeps_its_version BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NOT NULL)
    EXECUTE FUNCTION canut_fixed_but('state', 'reserved_at', 'executing_at', 'settled_at', 'closed_at');
COMMENT ON TRIGGER run_approved_keeps_its_version ON payouts_payoutrun IS
    'What was approved is what is paid, and who let it be paid, and when, is answered for by nobody else; a mistake found later is an adjustment of the next run.';

CREATE OR REPLACE FUNCTION run_version_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_runversion
                   WHERE id = NEW.current_id AND run_id = NEW.id AND replaces_id IS NOT DISTINCT FROM OLD.current_id) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_version_follows', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_version_follows: the next version of this run names the one it replaces';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_version_follows() FROM PUBLIC;
COMMENT ON FUNCTION run_version_follows() IS
    'Refuses a current version of another run, or one that does not replace the version before it.';

CREATE OR REPLACE TRIGGER run_version_follows BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.current_id IS DISTINCT FROM NEW.current_id) EXECUTE FUNCTION run_version_follows();
COMMENT ON TRIGGER run_version_follows ON payouts_payoutrun IS
    'No version of a run disappears: each names the one it replaces.';

CREATE OR REPLACE FUNCTION run_approved_in_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_period period LEFT JOIN payouts_payoutrun run ON run.period_id = period.id
               WHERE period.number < (SELECT number FROM payouts_period WHERE id = NEW.period_id) AND run.approved_at IS NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_approved_in_order', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_approved_in_order: the run of an earlier period is not approved yet';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_approved_in_order() FROM PUBLIC;
COMMENT ON FUNCTION run_approved_in_order() IS
    'Refuses the approval of a run while the run of an earlier period is not approved.';

CREATE OR REPLACE TRIGGER run_approved_in_order BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL) EXECUTE FUNCTION run_approved_in_order();
COMMENT ON TRIGGER run_approved_in_order ON payouts_payoutrun IS
    'Each run starts from what the approved ones before it left in the books.';

CREATE OR REPLACE FUNCTION run_approved_by_somebody_else() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT coalesce((
        WITH change AS (
            SELECT made_by_id AS by, member_id AS of FROM payouts_adjustment WHERE taken_in_id = NEW.id
            UNION ALL
            SELECT objection.answered_by_id, share.member_id FROM payouts_objection objection
            JOIN payouts_runversion version ON version.id = objection.led_to_id
            JOIN payouts_membershare share ON share.id = objection.share_id
            WHERE version.run_id = NEW.id
        ), circle AS (
            SELECT member.id,
                CASE WHEN EXISTS (SELECT FROM change WHERE by = member.id) THEN NULL
                     WHEN EXISTS (SELECT FROM change WHERE of = member.id) THEN 3
                     WHEN EXISTS (SELECT FROM members_office WHERE member_id = member.id AND kind IN ('treasurer', 'steward')
                                  AND starts_at <= NEW.approved_at AND ends_at > NEW.approved_at) THEN 1
                     ELSE 2 END AS rank
            FROM members_member member
            WHERE admitted_at <= NEW.approved_at AND (ended_at IS NULL OR ended_at > NEW.approved_at)
        )
        SELECT rank = (SELECT min(rank) FROM circle) FROM circle WHERE id = NEW.approved_by_id), false) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_approved_by_somebody_else', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_approved_by_somebody_else: somebody approves it who changed no pay in it and whose own was not changed: '
                'an officer, and only where none is left a member';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_approved_by_somebody_else() FROM PUBLIC;
COMMENT ON FUNCTION run_approved_by_somebody_else() IS
    'Refuses as approver whoever upheld an objection or made an adjustment of this run, and whose pay that changed. Where no other officer is left a member approves; where everybody''s pay was changed, one who changed nobody''s.';

CREATE OR REPLACE TRIGGER run_approved_by_somebody_else BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL) EXECUTE FUNCTION run_approved_by_somebody_else();
COMMENT ON TRIGGER run_approved_by_somebody_else ON payouts_payoutrun IS
    'It takes two people to give anybody more or less than the rules give, two officers where there are, and nobody stops all pay by changing that of all officers.';

CREATE OR REPLACE FUNCTION run_window_as_voted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    voted jsonb := (SELECT rules FROM rules_pinnedbook WHERE hash = NEW.rule_book);
    objecting interval := (voted->'pay.objection_days'->>'value')::int * interval '24 hours';
    approving interval := (voted->'pay.approval_days'->>'value')::int * interval '24 hours';
    made timestamptz := (SELECT made_at FROM payouts_runversion WHERE id = NEW.current_id);
BEGIN
    IF NEW.computed_at IS DISTINCT FROM coalesce(OLD.computed_at, made)
       OR NEW.objections_until IS DISTINCT FROM least(made + objecting, NEW.computed_at + objecting + approving)
       OR NEW.objections_until < OLD.objections_until
       OR NEW.current_id <> OLD.current_id AND NEW.objections_until < made + interval '24 hours' THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_window_as_voted', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_window_as_voted: objections are taken for the voted days after a version, until the deadline of the run, and for a day at least after a correction';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_window_as_voted() FROM PUBLIC;
COMMENT ON FUNCTION run_window_as_voted() IS
    'Refuses another moment of computing than that of the first version, another end of the objection window than its rule book gives, and a correction that would leave less than a day to object.';

CREATE OR REPLACE TRIGGER run_window_as_voted BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.current_id IS DISTINCT FROM NEW.current_id OR OLD.computed_at IS DISTINCT FROM NEW.computed_at
          OR OLD.objections_until IS DISTINCT FROM NEW.objections_until)
    EXECUTE FUNCTION run_window_as_voted();
COMMENT ON TRIGGER run_window_as_voted ON payouts_payoutrun IS
    'Nobody shortens the time to object, and nobody puts off the deadline.';

CREATE OR REPLACE FUNCTION run_approved_with_every_objection_answered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_objection objection JOIN payouts_membershare share ON share.id = objection.share_id
               WHERE share.run_id = NEW.id AND objection.answered_at IS NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_approved_with_every_objection_answered',
            TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_approved_with_every_objection_answered: a member''s objection waits for an answer';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_approved_with_every_objection_answered() FROM PUBLIC;
COMMENT ON FUNCTION run_approved_with_every_objection_answered() IS
    'Refuses the approval of a run while an objection to it waits for an answer.';

CREATE OR REPLACE TRIGGER run_approved_with_every_objection_answered BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL)
    EXECUTE FUNCTION run_approved_with_every_objection_answered();
COMMENT ON TRIGGER run_approved_with_every_objection_answered ON payouts_payoutrun IS
    'Who says that a line is wrong hears why it is not, or sees it put right, before anybody is paid.';

CREATE OR REPLACE FUNCTION objection_upheld_by_somebody_else() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.answered_by_id = (SELECT member_id FROM payouts_membershare WHERE id = NEW.share_id) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_upheld_by_somebody_else', TABLE = 'payouts_objection',
            MESSAGE = 'objection_upheld_by_somebody_else: nobody upholds their own objection';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION objection_upheld_by_somebody_else() FROM PUBLIC;
COMMENT ON FUNCTION objection_upheld_by_somebody_else() IS
    'Refuses an objection that is upheld by the member whose statement it is about.';

CREATE OR REPLACE TRIGGER objection_upheld_by_somebody_else BEFORE INSERT OR UPDATE ON payouts_objection FOR EACH ROW
    WHEN (NEW.upheld) EXECUTE FUNCTION objection_upheld_by_somebody_else();
COMMENT ON TRIGGER objection_upheld_by_somebody_else ON payouts_objection IS
    'Nobody gives themselves more time than was counted.';

CREATE OR REPLACE FUNCTION run_version_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_payoutrun WHERE id = NEW.run_id AND approved_at IS NOT NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_version_before_the_approval', TABLE = 'payouts_runversion',
            MESSAGE = 'run_version_before_the_approval: an approved run is not reckoned again';
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM payouts_runversion WHERE id = NEW.replaces_id AND run_id = NEW.run_id AND number = NEW.number - 1) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_version_replaces_its_own', TABLE = 'payouts_runversion',
            MESSAGE = 'run_version_replaces_its_own: a version replaces the one before it of the same run';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_version_made() FROM PUBLIC;
COMMENT ON FUNCTION run_version_made() IS
    'Refuses a version of an approved run, and one that replaces anything but the version before it of the same run.';

CREATE OR REPLACE TRIGGER run_version_made BEFORE INSERT ON payouts_runversion
    FOR EACH ROW EXECUTE FUNCTION run_version_made();
COMMENT ON TRIGGER run_version_made ON payouts_runversion IS
    'The versions of a run are one chain, which ends when it is approved.';

CREATE OR REPLACE FUNCTION superseded_by_what_replaces_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine uuid := CASE TG_TABLE_NAME WHEN 'payouts_revenueline' THEN (to_jsonb(NEW)->>'version_id')::uuid
        ELSE (SELECT version_id FROM payouts_membershare WHERE id = (to_jsonb(NEW)->>'share_id')::uuid) END;
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_runversion WHERE id = NEW.superseded_by_id AND replaces_id = mine) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'superseded_by_what_replaces_it', TABLE = TG_TABLE_NAME,
            MESSAGE = 'superseded_by_what_replaces_it: only the version that replaces its own supersedes this';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION superseded_by_what_replaces_it() FROM PUBLIC;
COMMENT ON FUNCTION superseded_by_what_replaces_it() IS
    'Refuses to free time or revenue that a version counts, unless the version that replaces it takes it over.';

CREATE OR REPLACE FUNCTION paid_time_is_time_that_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM work_timeentry WHERE id = NEW.entry_id AND frozen AND superseded_at IS NULL
                   AND kind = NEW.kind AND counted_seconds = NEW.seconds
                   AND member_id = (SELECT member_id FROM payouts_membershare WHERE id = NEW.share_id)) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'paid_time_is_time_that_stands', TABLE = 'payouts_paidtime',
            MESSAGE = 'paid_time_is_time_that_stands: a run pays the counted time of its member that was frozen, as it was counted';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION paid_time_is_time_that_stands() FROM PUBLIC;
COMMENT ON FUNCTION paid_time_is_time_that_stands() IS
    'Refuses paid time of an entry that can still be corrected, was replaced, is somebody else''s, or counts other seconds.';

CREATE OR REPLACE TRIGGER paid_time_is_time_that_stands BEFORE INSERT ON payouts_paidtime
    FOR EACH ROW EXECUTE FUNCTION paid_time_is_time_that_stands();
COMMENT ON TRIGGER paid_time_is_time_that_stands ON payouts_paidtime IS
    'An answer is not paid once as it was said first, and again as it was corrected.';

CREATE OR REPLACE FUNCTION time_correction_before_the_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    handed_in timestamptz := (SELECT submitted_at FROM work_assignment WHERE id = NEW.assignment_id);
    within uuid;
BEGIN
    SELECT id INTO within FROM payouts_period WHERE starts_at <= handed_in AND ends_at > handed_in FOR SHARE;
    IF EXISTS (SELECT FROM payouts_payoutrun WHERE period_id = within AND frozen_at IS NOT NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'time_correction_before_the_run', TABLE = 'work_timecorrection',
            MESSAGE = 'time_correction_before_the_run: a run is reckoned from the period in which this was handed in';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION time_correction_before_the_run() FROM PUBLIC;
COMMENT ON FUNCTION time_correction_before_the_run() IS
    'Refuses the correction of an answer''s time once the run of its period is frozen; one under way makes that run wait.';

CREATE OR REPLACE TRIGGER time_correction_before_the_run BEFORE INSERT ON work_timecorrection
    FOR EACH ROW EXECUTE FUNCTION time_correction_before_the_run();
COMMENT ON TRIGGER time_correction_before_the_run ON work_timecorrection IS
    'What a run reckoned as nothing, or has yet to count, is not said otherwise afterwards.';

CREATE OR REPLACE TRIGGER paid_time_superseded_by_what_replaces_it BEFORE INSERT OR UPDATE ON payouts_paidtime
    FOR EACH ROW WHEN (NEW.superseded_by_id IS NOT NULL) EXECUTE FUNCTION superseded_by_what_replaces_it();
COMMENT ON TRIGGER paid_time_superseded_by_what_replaces_it ON payouts_paidtime IS
    'Time that was paid is not freed to be paid again.';

CREATE OR REPLACE TRIGGER revenue_line_superseded_by_what_replaces_it BEFORE INSERT OR UPDATE ON payouts_revenueline
    FOR EACH ROW WHEN (NEW.superseded_by_id IS NOT NULL) EXECUTE FUNCTION superseded_by_what_replaces_it();
COMMENT ON TRIGGER revenue_line_superseded_by_what_replaces_it ON payouts_revenueline IS
    'Revenue that was booked is not freed to be booked again.';

CREATE OR REPLACE TRIGGER paid_time_superseded_once BEFORE UPDATE ON payouts_paidtime FOR EACH ROW
    WHEN (OLD.superseded_by_id IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER paid_time_superseded_once ON payouts_paidtime IS
    'Time that a later version took over is never paid by the old one.';

CREATE OR REPLACE TRIGGER revenue_line_superseded_once BEFORE UPDATE ON payouts_revenueline FOR EACH ROW
    WHEN (OLD.superseded_by_id IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER revenue_line_superseded_once ON payouts_revenueline IS
    'Revenue that a later version took over is never booked by the old one.';

CREATE OR REPLACE TRIGGER adjustment_taken_once BEFORE UPDATE ON payouts_adjustment FOR EACH ROW
    WHEN (OLD.taken_in_id IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER adjustment_taken_once ON payouts_adjustment IS
    'A mistake is put right once.';

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
        WHERE period.number = NEW.number AND run.approved_at IS NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'books_close_with_their_run', TABLE = 'ledger_period',
            MESSAGE = 'books_close_with_their_run: the books of a period close with the approval of the run that shares it';
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
