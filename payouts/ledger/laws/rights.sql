-- What the application may do with each table: the books only grow; kept balances are written by the guard alone.

SELECT canut_kept('ledger_account', changing => ARRAY['closed_at']);
SELECT canut_append_only('ledger_transaction');
SELECT canut_append_only('ledger_entry');
SELECT canut_read_only('ledger_balance_locked');
SELECT canut_kept('ledger_period', changing => ARRAY['closed_at', 'closing_transaction_id']);
SELECT canut_append_only('ledger_balance_checkpoint');
SELECT canut_append_only('ledger_chain');
