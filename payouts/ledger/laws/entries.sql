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
