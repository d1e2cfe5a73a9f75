"""The laws of the books, kept by PostgreSQL whoever writes: balanced, sealed, in order, append-only, held and resolved once."""

from django.db import migrations

# Who wrote a header: the database transaction itself. Stamped, so that nobody can claim another.
SEAL = """
ALTER TABLE ledger_transaction ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION ledger_stamp_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_transaction_is_stamped BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_stamp_transaction();
"""

# Before any number is given, share the lock that the chain takes alone (actions.chain_transactions).
WAIT = """
CREATE FUNCTION ledger_wait_for_the_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('canut.ledger'));
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transaction_waits_for_the_chain BEFORE INSERT ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_wait_for_the_chain();
"""

# At commit: one check for each header, never for each leg.
BALANCE = """
CREATE FUNCTION ledger_check_transaction() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
CREATE CONSTRAINT TRIGGER ledger_transaction_balances AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_transaction();
"""

# For each statement that inserts entries, instead of a foreign key for each row.
GUARD = """
CREATE FUNCTION ledger_guard_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER ledger_entry_is_guarded AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_entries();

CREATE FUNCTION ledger_keep_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_balance_locked (account_id, balance, minimum) VALUES (NEW.id, 0, NEW.min_balance);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_keeps_its_balance AFTER INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.posting_mode = 'locked') EXECUTE FUNCTION ledger_keep_balance();
"""

KEPT = """
SELECT canut_append_only('ledger_transaction'), canut_append_only('ledger_entry'), canut_append_only('ledger_chain'),
       canut_append_only('ledger_balance_checkpoint'), canut_updatable('ledger_account', ARRAY['closed_at']),
       canut_updatable('ledger_period', ARRAY['closed_at', 'closing_transaction_id']);
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_balance_locked FROM canut_app;

CREATE TRIGGER ledger_period_stays_closed BEFORE UPDATE ON ledger_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
CREATE TRIGGER ledger_account_stays_closed BEFORE UPDATE ON ledger_account
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
"""

# The bytes that are chained, format canut-ledger/1: for each transaction its header and then its legs, one JSON array a line.
# This function never changes; another format gets another function.
PAYLOAD = """
CREATE FUNCTION ledger_payload_1(first_id bigint, last_id bigint) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(coalesce(string_agg(line, E'\\n' ORDER BY id, leg), ''), 'UTF8') FROM (
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
"""

# What must never be seen; each view is empty in books that are right. Every view named invariant_* is asked after each test and run.
INVARIANTS = """
CREATE VIEW invariant_ledger_unbalanced AS
    SELECT header.id AS transaction, header.legs, count(entry.leg) AS written, coalesce(sum(entry.amount), 0) AS total
    FROM ledger_transaction header LEFT JOIN ledger_entry entry ON entry.transaction_id = header.id
    GROUP BY header.id, entry.currency, header.legs
    HAVING coalesce(sum(entry.amount), 0) <> 0 OR count(entry.leg) = 0;

CREATE VIEW invariant_ledger_legs_missing AS
    SELECT header.id AS transaction, header.legs, count(entry.leg) AS written
    FROM ledger_transaction header LEFT JOIN ledger_entry entry ON entry.transaction_id = header.id
    GROUP BY header.id HAVING count(entry.leg) <> header.legs;

CREATE VIEW invariant_ledger_entry_without_home AS
    SELECT entry.transaction_id AS transaction, entry.leg FROM ledger_entry entry
    LEFT JOIN ledger_transaction header ON header.id = entry.transaction_id
    LEFT JOIN ledger_account account ON account.id = entry.account_id AND account.currency = entry.currency
    WHERE header.id IS NULL OR account.id IS NULL;

CREATE VIEW invariant_ledger_balance_not_its_entries AS
    SELECT account.code, kept.balance,
           coalesce(sum(CASE account.normal_side WHEN 'debit' THEN entry.amount ELSE -entry.amount END), 0) AS entries
    FROM ledger_account account LEFT JOIN ledger_balance_locked kept ON kept.account_id = account.id
    LEFT JOIN ledger_entry entry ON entry.account_id = account.id
    WHERE account.posting_mode = 'locked' GROUP BY account.code, kept.balance
    HAVING kept.balance IS DISTINCT FROM coalesce(sum(CASE account.normal_side WHEN 'debit' THEN entry.amount ELSE -entry.amount END), 0);

CREATE VIEW invariant_ledger_reserved_not_its_holds AS
    SELECT account.code, kept.balance, coalesce(open_holds.amount, 0) AS held
    FROM ledger_account account JOIN ledger_balance_locked kept ON kept.account_id = account.id
    LEFT JOIN (SELECT entry.account_id, -sum(entry.amount) AS amount FROM ledger_entry entry
               WHERE entry.amount < 0 AND NOT EXISTS (
                   SELECT FROM ledger_transaction done
                   WHERE done.resolves_id = entry.transaction_id AND done.resolves_leg = entry.leg)
               GROUP BY entry.account_id) open_holds ON open_holds.account_id = account.id
    WHERE account.code LIKE 'member:%:reserved' AND kept.balance <> coalesce(open_holds.amount, 0);
"""

UNDO = """
DROP VIEW invariant_ledger_reserved_not_its_holds, invariant_ledger_balance_not_its_entries, invariant_ledger_entry_without_home,
          invariant_ledger_legs_missing, invariant_ledger_unbalanced;
DROP FUNCTION ledger_payload_1(bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_accounts_transactions_entries"), ("coop", "0001_clock_and_table_laws")]
    operations = [
        migrations.RunSQL(SEAL, migrations.RunSQL.noop),
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
        migrations.RunSQL(BALANCE, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(PAYLOAD, migrations.RunSQL.noop),
        migrations.RunSQL(INVARIANTS, UNDO),
    ]
