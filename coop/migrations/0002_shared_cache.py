"""The cache shared by all web processes (rate limits need one), in the layout of Django's database cache."""

from django.db import migrations

CACHE = """
CREATE UNLOGGED TABLE shared_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX shared_cache_expires ON shared_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("coop", "0001_clock_and_table_laws")]
    operations = [migrations.RunSQL(CACHE, "DROP TABLE shared_cache")]
