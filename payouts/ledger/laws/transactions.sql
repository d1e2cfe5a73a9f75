-- A header states its legs; at commit they are there and add up. One check for each header, never for each leg.

-- Who wrote a header: the database transaction itself. Stamped, so that nobody can claim another.
ALTER TABLE ledger_transaction ADD COLUMN IF NOT EXISTS xid xid8 NOT NULL DEFAULT pg_current_xact_id();
COMMENT ON COLUMN ledger_transaction.xid IS 'The database transaction that wrote this header, and alone may write its legs.';

CREATE OR REPLACE FUNCTION ledger_stamp_transaction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION ledger_stamp_transaction() IS
    'Writes down which database transaction makes a header, whatever it claims.';
REVOKE ALL ON FUNCTION ledger_stamp_transaction() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ledger_transaction_is_stamped BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_stamp_transaction();
COMMENT ON TRIGGER ledger_transaction_is_stamped ON ledger_transaction IS
    'Nobody adds a leg to what somebody else has written.';

-- Before any number is given, share the lock that the chain takes alone (actions.chain_transactions).
CREATE OR REPLACE FUNCTION ledger_wait_for_the_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('canut.ledger'));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION ledger_wait_for_the_chain() IS
    'Shares the lock that the making of a link takes alone.';
REVOKE ALL ON FUNCTION ledger_wait_for_the_chain() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ledger_transaction_waits_for_the_chain BEFORE INSERT ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_wait_for_the_chain();
COMMENT ON TRIGGER ledger_transaction_waits_for_the_chain ON ledger_transaction IS
    'A number that is still under way is never skipped by the chain.';

CREATE OR REPLACE FUNCTION ledger_check_transaction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    written bigint;
    unbalanced bigint;
    hold record;
BEGIN
    SELECT coalesce(sum(n), 0), count(*) FILTER (WHERE total <> 0) INTO written, unbalanced
    FROM (SELECT count(*) AS n, sum(amount) AS total FROM ledger_entry WHERE transaction_id = NEW.id GROUP BY currency) by_currency;
    IF written <> NEW.legs THEN
        RAISE EXCEPTION 'transaction % states % legs and has %', NEW.id, NEW.legs, written
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_has_its_stated_legs';
    END IF;
    IF unbalanced > 0 THEN
        RAISE EXCEPTION 'transaction % does not add up to zero', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_balances';
    END IF;

    IF NEW.resolves_id IS NOT NULL THEN
        SELECT entry.account_id, entry.amount INTO hold
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        WHERE entry.transaction_id = NEW.resolves_id AND entry.leg = NEW.resolves_leg
          AND entry.amount < 0 AND account.code LIKE 'member:%:reserved';
        IF NOT FOUND OR (SELECT count(*) <> 1 OR sum(amount) <> -hold.amount FROM ledger_entry
                         WHERE transaction_id = NEW.id AND account_id = hold.account_id) THEN
            RAISE EXCEPTION 'transaction % does not empty the hold it names', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_resolution_empties_its_hold';
        END IF;
    ELSIF EXISTS (SELECT FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
                  WHERE entry.transaction_id = NEW.id AND entry.amount > 0 AND account.code LIKE 'member:%:reserved') THEN
        RAISE EXCEPTION 'transaction % takes what is reserved without naming the hold', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reserved_leaves_by_its_hold';
    END IF;

    IF NEW.reversal_of_id IS NOT NULL AND EXISTS (
        SELECT account_id, currency, sum(amount) FROM ledger_entry
        WHERE transaction_id IN (NEW.id, NEW.reversal_of_id) GROUP BY account_id, currency HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'transaction % is not the mirror of %', NEW.id, NEW.reversal_of_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_mirrors_its_transaction';
    END IF;

    IF EXISTS (SELECT FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
               WHERE entry.transaction_id = NEW.id AND account.code = 'fund:commons' AND entry.amount > 0)
       AND EXISTS (SELECT FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
                   WHERE entry.transaction_id = NEW.id AND account.owner IS NOT NULL) THEN
        RAISE EXCEPTION 'the commons fund never pays a person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_commons_fund_pays_no_person';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION ledger_check_transaction() IS
    'At commit: the stated legs are there and balance, a hold is emptied whole and once, a reversal mirrors, and the commons fund pays no person.';
REVOKE ALL ON FUNCTION ledger_check_transaction() FROM PUBLIC;

DROP TRIGGER IF EXISTS ledger_transaction_balances ON ledger_transaction;
CREATE CONSTRAINT TRIGGER ledger_transaction_balances AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_transaction();
COMMENT ON TRIGGER ledger_transaction_balances ON ledger_transaction IS
    'No money appears, vanishes or leaves by a way that the books don''t show.';
