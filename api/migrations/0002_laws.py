"""The laws of api: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

RIGHTS = r"""
-- What the application may do with each table.

SELECT canut_free('api_keyedrequest');
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0001_tables"), ("governance", "0002_laws")]
    operations = [migrations.RunSQL(RIGHTS)]
