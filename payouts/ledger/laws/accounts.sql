-- An account with a minimum keeps its balance in a row of its own, from its first moment; what is closed stays closed.

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

CREATE OR REPLACE TRIGGER ledger_period_stays_closed BEFORE UPDATE ON ledger_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER ledger_period_stays_closed ON ledger_period IS
    'A period that members were shown is not reopened.';
