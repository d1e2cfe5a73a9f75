-- What the application may do with each table. What somebody was told stays as it was told.

SELECT canut_kept('notices_notice', changing => ARRAY['read_at', 'mailed', 'letter_id']);
SELECT canut_kept('notices_letter', changing => ARRAY['state', 'trouble', 'tries', 'next_try_at', 'tried_at', 'ended_at']);
SELECT canut_free('notices_mailchoice');  -- a choice is taken back by deleting it
