-- The graph of a request for access: a red line refuses it on the spot, everything else people decide, once.

SELECT canut_states('commons_accessrequest', 'outcome', begins => ARRAY['', 'refused'], moves => ARRAY[
    '>granted', '>refused']);
