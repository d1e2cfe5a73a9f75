-- What the application may do with each table. Work that was quoted, imported, answered or timed is never edited.

SELECT canut_kept('work_client');
SELECT canut_kept('work_clientuser', frozen => ARRAY['client_id', 'user_id', 'added_at']);
SELECT canut_kept('work_project', frozen => ARRAY['client_id', 'task_type', 'drafted_at']);
SELECT canut_append_only('work_quote');
SELECT canut_append_only('work_quoteline');
SELECT canut_append_only('work_itemimport');
SELECT canut_kept('work_item', frozen => ARRAY[
    'project_id', 'seq', 'external_id', 'payload', 'payload_sha256', 'extra', 'target']);
SELECT canut_kept('work_memberproject', frozen => ARRAY['member_id', 'project_id']);
SELECT canut_kept('work_assignment', frozen => ARRAY['item_id', 'member_id', 'project_id', 'leased_at', 'lease_expires_at']);
SELECT canut_append_only('work_answer');
SELECT canut_append_only('work_timeentry');
SELECT canut_append_only('work_consensusround');
SELECT canut_append_only('work_consensus');
