-- What the application may do with each table: what was said is kept, and kept as it was said.

SELECT canut_append_only('talk_thread');
SELECT canut_append_only('talk_post');
