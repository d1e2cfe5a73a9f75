-- What the application may do with each table. A membership and a term of office end; they are not deleted.

SELECT canut_free('members_user');
SELECT canut_free('members_user_groups');
SELECT canut_free('members_user_user_permissions');
SELECT canut_kept('members_member', changing => ARRAY['name', 'country', 'languages', 'engagement', 'ended_at']);
SELECT canut_kept('members_office', changing => ARRAY['ends_at']);
SELECT canut_kept('members_application', changing => ARRAY['outcome', 'decided_at', 'decision']);
