"""What must never be seen in orders and payments: each view is empty as long as everything is right."""

from django.db import migrations

VIEWS = {
    "invariant_order_not_in_the_books": """
        SELECT o.id, o.state, o.amount FROM payouts_order o
        WHERE (o.paid_at IS NOT NULL) <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'order:' || o.id || ':paid')
           OR (o.refunded_at IS NOT NULL) <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'order:' || o.id || ':refunded')""",
    "invariant_item_not_in_the_books": """
        SELECT item.id, item.state, item.epoch FROM payouts_payoutitem item
        WHERE (item.state IN ('sent', 'paid', 'returned'))
                  <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'po:' || item.id || ':' || item.epoch || ':sent')
           OR (item.state = 'returned')
                  <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'po:' || item.id || ':' || item.epoch || ':returned')
           OR (item.state = 'held' AND NOT item.reserved)
                  <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'po:' || item.id || ':' || item.epoch || ':void')""",
    "invariant_reserved_without_an_item": """
        SELECT account.owner, held.balance, coalesce(items.amount, 0) AS items
        FROM ledger_account account JOIN ledger_balance_locked held ON held.account_id = account.id
        LEFT JOIN (SELECT replace(member.pseudonym::text, '-', '') AS owner, sum(item.amount) AS amount
                   FROM payouts_payoutitem item JOIN members_member member ON member.id = item.member_id
                   WHERE item.reserved GROUP BY 1) items ON items.owner = account.owner
        WHERE account.code LIKE 'member:%:reserved' AND held.balance <> coalesce(items.amount, 0)""",
    "invariant_settled_run_has_items_under_way": """
        SELECT run.id, item.id AS item, item.state FROM payouts_payoutrun run JOIN payouts_payoutitem item ON item.run_id = run.id
        WHERE run.settled_at IS NOT NULL AND item.state IN ('planned', 'submitting', 'sent')""",
    "invariant_file_differs_from_its_items": """
        SELECT file.id, file.rows, file.total FROM payouts_batchfile file
        LEFT JOIN LATERAL (SELECT count(*) AS rows, coalesce(sum(local_amount), 0) AS total
                           FROM payouts_payoutitem WHERE file_id = file.id) items ON true
        WHERE file.rows <> items.rows OR file.total <> items.total""",
}

# What came back and was sent again is not paid twice.
PAID_TWICE = """
CREATE OR REPLACE VIEW invariant_member_paid_twice AS
    SELECT account.owner, sum(entry.amount) AS sent, earned.amount AS earned
    FROM ledger_entry entry JOIN ledger_transaction header ON header.id = entry.transaction_id AND header.kind = 'sent'
    JOIN ledger_account account ON account.id = entry.account_id AND account.code LIKE 'member:%:reserved'
    LEFT JOIN (SELECT payable.owner, -sum(credited.amount) AS amount FROM ledger_entry credited
               JOIN ledger_transaction run ON run.id = credited.transaction_id AND run.kind IN ('distribution', 'returned')
               JOIN ledger_account payable ON payable.id = credited.account_id AND payable.code LIKE 'member:%:payable'
               GROUP BY payable.owner) earned ON earned.owner = account.owner
    GROUP BY account.owner, earned.amount HAVING sum(entry.amount) > coalesce(earned.amount, 0);
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0007_what_may_change_of_items"), ("ledger", "0002_the_seven_rules")]
    operations = [
        *(migrations.RunSQL(f"CREATE VIEW {name} AS {query}", f"DROP VIEW {name}") for name, query in VIEWS.items()),
        migrations.RunSQL(PAID_TWICE, migrations.RunSQL.noop),
    ]
