"""The laws of rules: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

RIGHTS = r"""
-- What the application may do with each table: a rule gets another version, never another past.

SELECT canut_append_only('rules_ruleversion');
SELECT canut_append_only('rules_pinnedbook');
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_tables"), ("audit", "0002_laws")]
    operations = [migrations.RunSQL(RIGHTS)]
