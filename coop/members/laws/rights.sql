-- What the application may do with each table. A membership and a term of office end; they are not deleted.

SELECT canut_free('members_user');
SELECT canut_free('members_user_groups');
SELECT canut_free('members_user_user_permissions');
SELECT canut_kept('members_member', frozen => ARRAY[
    'user_id', 'pseudonym', 'log_pseudonym', 'college', 'simulated', 'decision', 'admitted_at']);
SELECT canut_kept('members_office', frozen => ARRAY['member_id', 'kind', 'starts_at', 'decision']);
SELECT canut_kept('members_application', frozen => ARRAY[
    'user_id', 'name', 'country', 'languages', 'college', 'engagement', 'statement', 'simulated', 'applied_at']);
