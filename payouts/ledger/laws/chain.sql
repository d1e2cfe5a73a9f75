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
