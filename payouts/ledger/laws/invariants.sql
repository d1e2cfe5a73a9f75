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
