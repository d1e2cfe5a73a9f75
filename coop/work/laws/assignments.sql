-- An assignment ends once.

CREATE OR REPLACE TRIGGER assignment_ended_stays_ended BEFORE UPDATE ON work_assignment FOR EACH ROW
    WHEN (OLD.state IN ('submitted', 'released')) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER assignment_ended_stays_ended ON work_assignment IS
    'Seconds that were handed in or given back are not reckoned again.';
