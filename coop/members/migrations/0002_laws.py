"""The laws of members: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

RIGHTS = r"""
-- What the application may do with each table. A membership and a term of office end; they are not deleted.

SELECT canut_free('members_user');
SELECT canut_free('members_user_groups');
SELECT canut_free('members_user_user_permissions');
SELECT canut_kept('members_member', frozen => ARRAY[
    'user_id', 'pseudonym', 'log_pseudonym', 'college', 'simulated', 'decision', 'admitted_at']);
SELECT canut_kept('members_office', frozen => ARRAY['member_id', 'kind', 'starts_at', 'decision']);
SELECT canut_kept('members_application', frozen => ARRAY[
    'user_id', 'name', 'country', 'languages', 'college', 'engagement', 'statement', 'simulated', 'applied_at']);
"""

STATES = r"""
-- The graph of an application: it is decided once, by the assembly or by who takes it back.

SELECT canut_states('members_application', 'outcome', begins => ARRAY[''], moves => ARRAY[
    '>admitted', '>declined', '>withdrawn']);
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_tables"), ("rules", "0002_laws")]
    operations = [migrations.RunSQL(RIGHTS), migrations.RunSQL(STATES)]
