-- The graphs of work: an order, a thing to look at, and who has it in hand.

SELECT canut_states('work_project', 'status', begins => ARRAY['draft'], moves => ARRAY[
    'draft>quoted', 'draft>cancelled',
    'quoted>draft', 'quoted>live', 'quoted>cancelled',
    'live>paused', 'live>done', 'live>cancelled',
    'paused>live', 'paused>done', 'paused>cancelled']);
SELECT canut_states('work_item', 'state', begins => ARRAY['0'], moves => ARRAY['0>1']);
SELECT canut_states('work_assignment', 'state', begins => ARRAY['leased'], moves => ARRAY[
    'leased>submitted', 'leased>released', 'leased>expired',
    'expired>leased', 'expired>submitted', 'expired>released']);
SELECT canut_states('work_waitingtime', 'state', begins => ARRAY['waiting'], moves => ARRAY[
    'waiting>counted', 'waiting>contested', 'waiting>withdrawn',
    'contested>counted', 'contested>refused']);
SELECT canut_states('work_halt', 'state', begins => ARRAY['open'], moves => ARRAY['open>looked']);
