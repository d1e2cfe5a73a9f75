-- An account with a minimum keeps its balance in a row of its own, from its first moment. An account closes empty, a period of the
-- books when it is over and in order; what is closed stays closed.

CREATE OR REPLACE FUNCTION ledger_keep_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_balance_locked (account_id, balance, minimum) VALUES (NEW.id, 0, NEW.min_balance);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION ledger_keep_balance() IS
    'Opens the row in which the balance of a new account is kept.';
REVOKE ALL ON FUNCTION ledger_keep_balance() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ledger_account_keeps_its_balance AFTER INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.posting_mode = 'locked') EXECUTE FUNCTION ledger_keep_balance();
COMMENT ON TRIGGER ledger_account_keeps_its_balance ON ledger_account IS
    'A balance that may not fall below its minimum is locked before it is spent.';

CREATE OR REPLACE TRIGGER ledger_account_stays_closed BEFORE UPDATE ON ledger_account
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER ledger_account_stays_closed ON ledger_account IS
    'Nothing is booked to an account that was closed and reopened unseen.';

CREATE OR REPLACE FUNCTION ledger_account_closes_empty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('canut.ledger'));  -- whoever posts shares it: nothing is under way below
    IF EXISTS (SELECT FROM ledger_entry WHERE account_id = NEW.id HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'account % has a balance', NEW.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_account_closes_empty', TABLE = 'ledger_account';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION ledger_account_closes_empty() IS
    'Waits for everybody who posts, and refuses to close an account in which something is left.';
REVOKE ALL ON FUNCTION ledger_account_closes_empty() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ledger_account_closes_empty BEFORE UPDATE ON ledger_account
    FOR EACH ROW WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION ledger_account_closes_empty();
COMMENT ON TRIGGER ledger_account_closes_empty ON ledger_account IS
    'No money is shut in an account from which nothing leaves any more.';

CREATE OR REPLACE TRIGGER ledger_account_begins_open BEFORE INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER ledger_account_begins_open ON ledger_account IS
    'An account is opened to be booked to.';

CREATE OR REPLACE FUNCTION ledger_period_follows_the_one_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.closed_at IS NOT NULL OR NEW.number <> (SELECT count(*) + 1 FROM ledger_period)
       OR EXISTS (SELECT FROM ledger_period WHERE starts_at >= NEW.starts_at) THEN
        RAISE EXCEPTION 'period % does not follow the one before', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_follows_the_one_before', TABLE = 'ledger_period';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION ledger_period_follows_the_one_before() IS
    'Refuses a period of the books that begins closed, out of turn, or before the one that it ends.';
REVOKE ALL ON FUNCTION ledger_period_follows_the_one_before() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ledger_period_follows_the_one_before BEFORE INSERT ON ledger_period
    FOR EACH ROW EXECUTE FUNCTION ledger_period_follows_the_one_before();
COMMENT ON TRIGGER ledger_period_follows_the_one_before ON ledger_period IS
    'A moment belongs to one period of the books, and goes on belonging to it.';

CREATE OR REPLACE FUNCTION ledger_period_closes_in_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_period WHERE number = NEW.number + 1 AND starts_at <= NEW.closed_at) THEN
        RAISE EXCEPTION 'period % is not over', NEW.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_period_closes_when_it_is_over', TABLE = 'ledger_period';
    ELSIF EXISTS (SELECT FROM ledger_period WHERE number < NEW.number AND closed_at IS NULL) THEN
        RAISE EXCEPTION 'a period before % is open', NEW.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_period_closes_in_order', TABLE = 'ledger_period';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION ledger_period_closes_in_order() IS
    'Refuses to close a period before the next has begun, or while an earlier one is open.';
REVOKE ALL ON FUNCTION ledger_period_closes_in_order() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ledger_period_closes_in_order BEFORE UPDATE ON ledger_period
    FOR EACH ROW WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION ledger_period_closes_in_order();
COMMENT ON TRIGGER ledger_period_closes_in_order ON ledger_period IS
    'Closing is for good, so nobody closes the books on a period that is still running.';

CREATE OR REPLACE TRIGGER ledger_period_stays_closed BEFORE UPDATE ON ledger_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER ledger_period_stays_closed ON ledger_period IS
    'A period that members were shown is not reopened.';
