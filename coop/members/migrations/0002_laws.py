"""The laws of members: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

RIGHTS = r"""
-- What the application may do with each table. A membership and a term of office end; they are not deleted.

SELECT canut_free('members_user');
SELECT canut_free('members_user_groups');
SELECT canut_free('members_user_user_permissions');
SELECT canut_kept('members_member', changing => ARRAY['name', 'country', 'languages', 'engagement', 'ended_at']);
SELECT canut_kept('members_office', changing => ARRAY['ends_at']);
SELECT canut_kept('members_application', changing => ARRAY['outcome', 'decided_at', 'decision']);
"""

STATES = r"""
-- The graph of an application: it is decided once, by the assembly or by who takes it back.

SELECT canut_states('members_application', 'outcome', begins => ARRAY[''], moves => ARRAY[
    '>admitted', '>declined', '>withdrawn']);
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_tables"), ("rules", "0002_laws")]
    operations = [migrations.RunSQL(RIGHTS), migrations.RunSQL(STATES)]
