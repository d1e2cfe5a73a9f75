-- The graph of a letter: what was sent stays sent, and nothing is sent that was not written down before.

SELECT canut_states('notices_letter', 'state', begins => ARRAY['waiting'], moves => ARRAY[
    'waiting>sending', 'waiting>dropped', 'sending>sent', 'sending>waiting', 'sending>given_up', 'sending>unknown',
    'given_up>waiting', 'unknown>waiting', 'unknown>sent']);
