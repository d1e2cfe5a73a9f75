-- The graph of a proposal: no decision skips deliberation, voting or its count, and nobody writes one into the record that is already decided.

SELECT canut_states('governance_proposal', 'state', begins => ARRAY['draft'], moves => ARRAY[
    'draft>deliberation', 'draft>withdrawn',
    'deliberation>voting', 'deliberation>withdrawn',
    'voting>closed',
    'closed>rejected', 'closed>no_quorum', 'closed>tied', 'closed>adopted',
    'adopted>executable', 'adopted>expired',
    'executable>executed', 'executable>execution_failed', 'executable>expired']);
