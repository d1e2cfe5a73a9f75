"""Posts and threads are never edited and never deleted."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("talk", "0001_threads_and_posts"), ("coop", "0001_clock_and_table_laws")]
    operations = [
        migrations.RunSQL("SELECT canut_append_only('talk_thread')", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT canut_append_only('talk_post')", migrations.RunSQL.noop),
    ]
