"""What must never be seen in periods, runs and shares: each view is empty as long as everything is right."""

from django.db import migrations

VIEWS = {
    "invariant_run_not_conserved": """
        SELECT run.id, run.payable_total, shares.payable FROM payouts_payoutrun run
        LEFT JOIN LATERAL (SELECT coalesce(sum(payable), 0) AS payable FROM payouts_membershare WHERE run_id = run.id) shares ON true
        WHERE run.computed_at IS NOT NULL AND (
            run.payable_total <> shares.payable
            OR (run.result->>'labour_pool')::bigint + (run.result->>'reserve_draw')::bigint
               <> shares.payable + (run.result->>'to_reserve')::bigint
            OR (run.result->>'distributable')::bigint <> (run.result->>'labour_pool')::bigint
               + (SELECT coalesce(sum((levy->>'amount')::bigint), 0) FROM jsonb_array_elements(run.result->'levies') levy))""",
    "invariant_run_share_not_in_the_books": """
        SELECT share.run_id, share.pseudonym, share.payable, -booked.amount AS booked FROM payouts_membershare share
        JOIN payouts_payoutrun run ON run.id = share.run_id
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(entry.amount), 0) AS amount FROM ledger_entry entry
            JOIN ledger_account account ON account.id = entry.account_id
            WHERE entry.transaction_id = run.distribution_id AND account.code = 'member:' || share.pseudonym || ':payable') booked ON true
        WHERE share.payable <> -booked.amount""",
    "invariant_member_paid_twice": """
        SELECT account.owner, sum(entry.amount) AS sent, earned.amount AS earned
        FROM ledger_entry entry JOIN ledger_transaction header ON header.id = entry.transaction_id AND header.kind = 'sent'
        JOIN ledger_account account ON account.id = entry.account_id AND account.code LIKE 'member:%:reserved'
        LEFT JOIN (SELECT payable.owner, -sum(credited.amount) AS amount FROM ledger_entry credited
                   JOIN ledger_transaction run ON run.id = credited.transaction_id AND run.kind = 'distribution'
                   JOIN ledger_account payable ON payable.id = credited.account_id AND payable.code LIKE 'member:%:payable'
                   GROUP BY payable.owner) earned ON earned.owner = account.owner
        GROUP BY account.owner, earned.amount HAVING sum(entry.amount) > coalesce(earned.amount, 0)""",
    "invariant_time_paid_differs": """
        SELECT share.run_id, share.pseudonym, share.seconds, coalesce(sum(paid.seconds), 0) AS paid
        FROM payouts_membershare share LEFT JOIN payouts_paidtime paid ON paid.share_id = share.id
        GROUP BY share.id HAVING share.seconds <> coalesce(sum(paid.seconds), 0)""",
    "invariant_revenue_not_in_the_books": """
        SELECT line.period_id, line.project_id, line.amount, -booked.amount AS booked FROM payouts_revenueline line
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(entry.amount), 0) AS amount FROM ledger_entry entry
            JOIN ledger_account account ON account.id = entry.account_id
            WHERE entry.transaction_id = line.transaction_id AND account.code = 'revenue') booked ON true
        WHERE line.amount <> -booked.amount""",
    "invariant_period_out_of_order": """
        SELECT number FROM payouts_period period
        WHERE number > 1 AND NOT EXISTS (
            SELECT FROM payouts_period earlier WHERE earlier.number = period.number - 1 AND earlier.ends_at = period.starts_at)""",
}


class Migration(migrations.Migration):
    dependencies = [("payouts", "0004_what_may_change_of_orders"), ("ledger", "0002_the_seven_rules")]
    operations = [
        migrations.RunSQL(f"CREATE VIEW {name} AS {query}", f"DROP VIEW {name}") for name, query in VIEWS.items()
    ]
