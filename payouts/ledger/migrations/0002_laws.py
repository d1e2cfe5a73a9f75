"""The laws of ledger: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

ACCOUNTS = r"""
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
"""

CHAIN = r"""
-- The bytes that are chained, format canut-ledger/1: for each transaction its header and then its legs, one JSON array a line.
-- This function never changes; another format gets another function.

CREATE OR REPLACE FUNCTION ledger_payload_1(first_id bigint, last_id bigint) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT convert_to(coalesce(string_agg(line, E'\n' ORDER BY id, leg), ''), 'UTF8') FROM (
        SELECT id, 0 AS leg, json_build_array(
            id, idem, request_hash, kind,
            to_char(effective_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            to_char(posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            legs, rule_book, run, source_event, reversal_of_id, resolves_id, resolves_leg, actor, memo)::text AS line
        FROM ledger_transaction WHERE id BETWEEN first_id AND last_id
        UNION ALL
        SELECT entry.transaction_id, entry.leg,
               json_build_array(entry.leg, account.code, entry.amount, entry.currency)::text
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        WHERE entry.transaction_id BETWEEN first_id AND last_id
    ) lines
$$;
COMMENT ON FUNCTION ledger_payload_1(bigint, bigint) IS 'The transactions between two numbers as the bytes that a link of the chain hashes.';
REVOKE ALL ON FUNCTION ledger_payload_1(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_payload_1(bigint, bigint) TO canut_app;
"""

ENTRIES = r"""
-- For each statement that inserts entries, instead of a foreign key for each row.

CREATE OR REPLACE FUNCTION ledger_guard_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wrong record;
    moment timestamptz;
    period record;
BEGIN
    SELECT fresh.transaction_id AS id INTO wrong
    FROM (SELECT DISTINCT transaction_id FROM fresh) fresh LEFT JOIN ledger_transaction header ON header.id = fresh.transaction_id
    WHERE header.xid IS DISTINCT FROM pg_current_xact_id() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % is not being written here', wrong.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_in_a_transaction_being_written';
    END IF;

    SELECT fresh.transaction_id AS id, fresh.leg INTO wrong
    FROM fresh JOIN ledger_transaction header ON header.id = fresh.transaction_id
    WHERE fresh.leg NOT BETWEEN 1 AND header.legs LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % states no leg %', wrong.id, wrong.leg
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_has_a_stated_leg';
    END IF;

    SELECT used.account_id, account.id, account.code, used.currency <> account.currency AS foreign_currency INTO wrong
    FROM (SELECT DISTINCT account_id, currency FROM fresh) used LEFT JOIN ledger_account account ON account.id = used.account_id
    WHERE account.id IS NULL OR account.currency <> used.currency OR account.closed_at IS NOT NULL LIMIT 1;
    IF FOUND AND wrong.id IS NULL THEN
        RAISE EXCEPTION 'there is no account %', wrong.account_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_entry_of_a_known_account';
    ELSIF FOUND AND wrong.foreign_currency THEN
        RAISE EXCEPTION 'account % is kept in another currency', wrong.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_in_the_currency_of_its_account';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'account % is closed', wrong.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_of_an_open_account';
    END IF;

    FOR moment IN SELECT DISTINCT header.effective_at FROM ledger_transaction header
                  WHERE header.id IN (SELECT transaction_id FROM fresh) ORDER BY 1
    LOOP
        SELECT number, closed_at INTO period FROM ledger_period
        WHERE starts_at <= moment ORDER BY starts_at DESC LIMIT 1 FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the books were not open at %', moment
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_in_a_period';
        ELSIF period.closed_at IS NOT NULL THEN
            RAISE EXCEPTION 'period % is closed', period.number
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_in_an_open_period';
        END IF;
    END LOOP;

    PERFORM FROM ledger_balance_locked kept WHERE kept.account_id IN (SELECT account_id FROM fresh)
    ORDER BY kept.account_id FOR UPDATE;
    UPDATE ledger_balance_locked kept SET balance = kept.balance + moved.amount
    FROM (SELECT fresh.account_id, sum(CASE account.normal_side WHEN 'debit' THEN fresh.amount ELSE -fresh.amount END) AS amount
          FROM fresh JOIN ledger_account account ON account.id = fresh.account_id GROUP BY fresh.account_id) moved
    WHERE moved.account_id = kept.account_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION ledger_guard_entries() IS
    'Entries belong to the transaction being written, to known and open accounts in their currency and to an open period; the kept balances move with them.';
REVOKE ALL ON FUNCTION ledger_guard_entries() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ledger_entry_is_guarded AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_entries();
COMMENT ON TRIGGER ledger_entry_is_guarded ON ledger_entry IS
    'Nothing is booked into a sealed transaction, a foreign currency, a closed account or a closed period.';
"""

INVARIANTS = r"""
-- What must never be seen; each view is empty in books that are right. Every view named invariant_* is asked after each test and run.

DROP VIEW IF EXISTS invariant_ledger_unbalanced;
CREATE VIEW invariant_ledger_unbalanced AS
    SELECT header.id AS transaction, header.legs, count(entry.leg) AS written, coalesce(sum(entry.amount), 0) AS total
    FROM ledger_transaction header LEFT JOIN ledger_entry entry ON entry.transaction_id = header.id
    GROUP BY header.id, entry.currency, header.legs
    HAVING coalesce(sum(entry.amount), 0) <> 0 OR count(entry.leg) = 0;
COMMENT ON VIEW invariant_ledger_unbalanced IS
    'A transaction whose legs don''t add up to zero, or that has none.';
SELECT canut_read_only('invariant_ledger_unbalanced');

DROP VIEW IF EXISTS invariant_ledger_legs_missing;
CREATE VIEW invariant_ledger_legs_missing AS
    SELECT header.id AS transaction, header.legs, count(entry.leg) AS written
    FROM ledger_transaction header LEFT JOIN ledger_entry entry ON entry.transaction_id = header.id
    GROUP BY header.id HAVING count(entry.leg) <> header.legs;
COMMENT ON VIEW invariant_ledger_legs_missing IS
    'A transaction that has not the legs it states.';
SELECT canut_read_only('invariant_ledger_legs_missing');

DROP VIEW IF EXISTS invariant_ledger_entry_without_home;
CREATE VIEW invariant_ledger_entry_without_home AS
    SELECT entry.transaction_id AS transaction, entry.leg FROM ledger_entry entry
    LEFT JOIN ledger_transaction header ON header.id = entry.transaction_id
    LEFT JOIN ledger_account account ON account.id = entry.account_id AND account.currency = entry.currency
    WHERE header.id IS NULL OR account.id IS NULL;
COMMENT ON VIEW invariant_ledger_entry_without_home IS
    'An entry without its transaction, or on an account that is not there or is kept in another currency.';
SELECT canut_read_only('invariant_ledger_entry_without_home');

DROP VIEW IF EXISTS invariant_ledger_balance_not_its_entries;
CREATE VIEW invariant_ledger_balance_not_its_entries AS
    SELECT account.code, kept.balance,
           coalesce(sum(CASE account.normal_side WHEN 'debit' THEN entry.amount ELSE -entry.amount END), 0) AS entries
    FROM ledger_account account LEFT JOIN ledger_balance_locked kept ON kept.account_id = account.id
    LEFT JOIN ledger_entry entry ON entry.account_id = account.id
    WHERE account.posting_mode = 'locked' GROUP BY account.code, kept.balance
    HAVING kept.balance IS DISTINCT FROM coalesce(sum(CASE account.normal_side WHEN 'debit' THEN entry.amount ELSE -entry.amount END), 0);
COMMENT ON VIEW invariant_ledger_balance_not_its_entries IS
    'A kept balance that is not the sum of its entries.';
SELECT canut_read_only('invariant_ledger_balance_not_its_entries');

DROP VIEW IF EXISTS invariant_ledger_reserved_not_its_holds;
CREATE VIEW invariant_ledger_reserved_not_its_holds AS
    SELECT account.code, kept.balance, coalesce(open_holds.amount, 0) AS held
    FROM ledger_account account JOIN ledger_balance_locked kept ON kept.account_id = account.id
    LEFT JOIN (SELECT entry.account_id, -sum(entry.amount) AS amount FROM ledger_entry entry
               WHERE entry.amount < 0 AND NOT EXISTS (
                   SELECT FROM ledger_transaction done
                   WHERE done.resolves_id = entry.transaction_id AND done.resolves_leg = entry.leg)
               GROUP BY entry.account_id) open_holds ON open_holds.account_id = account.id
    WHERE account.code LIKE 'member:%:reserved' AND kept.balance <> coalesce(open_holds.amount, 0);
COMMENT ON VIEW invariant_ledger_reserved_not_its_holds IS
    'Reserved money that no open hold explains.';
SELECT canut_read_only('invariant_ledger_reserved_not_its_holds');
"""

RIGHTS = r"""
-- What the application may do with each table: the books only grow; kept balances are written by the guard alone.

SELECT canut_kept('ledger_account', changing => ARRAY['closed_at']);
SELECT canut_append_only('ledger_transaction');
SELECT canut_append_only('ledger_entry');
SELECT canut_read_only('ledger_balance_locked');
SELECT canut_kept('ledger_period', changing => ARRAY['closed_at', 'closing_transaction_id']);
SELECT canut_append_only('ledger_balance_checkpoint');
SELECT canut_append_only('ledger_chain');
"""

TRANSACTIONS = r"""
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
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables"), ("commons", "0002_laws")]
    operations = [
        migrations.RunSQL(ACCOUNTS),
        migrations.RunSQL(CHAIN),
        migrations.RunSQL(ENTRIES),
        migrations.RunSQL(INVARIANTS),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(TRANSACTIONS),
    ]
