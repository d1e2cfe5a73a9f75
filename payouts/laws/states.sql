-- The graphs of money: a period, its run, each payment of the run, an order, what a rail tells us and what it is asked.

SELECT canut_states('payouts_period', 'state', begins => ARRAY['open'], moves => ARRAY['open>closed']);
SELECT canut_states('payouts_payoutrun', 'state', begins => ARRAY['draft'], moves => ARRAY[
    'draft>frozen', 'frozen>computed', 'computed>approved', 'approved>reserved', 'reserved>executing',
    'executing>settled', 'executing>settled_with_holds',
    'settled>closed', 'settled_with_holds>closed']);
SELECT canut_states('payouts_payoutitem', 'state', begins => ARRAY['planned'], moves => ARRAY[
    'planned>submitting', 'planned>held',
    'submitting>sent', 'submitting>planned', 'submitting>held',
    'sent>paid', 'sent>returned', 'paid>returned',
    'held>sent']);
SELECT canut_states('payouts_order', 'state', begins => ARRAY['awaiting_payment'], moves => ARRAY[
    'awaiting_payment>paid', 'awaiting_payment>cancelled',
    'paid>refund_due', 'refund_due>refunded']);
SELECT canut_states('payouts_inboxevent', 'state', begins => ARRAY['new'], moves => ARRAY[
    'new>done', 'new>poison', 'poison>new']);
SELECT canut_states('payouts_attempt', 'state', begins => ARRAY['waiting'], moves => ARRAY[
    'waiting>asking', 'waiting>dropped',
    'asking>done', 'asking>waiting', 'asking>held', 'asking>dropped',
    'held>done', 'held>dropped',
    'done>waiting']);
