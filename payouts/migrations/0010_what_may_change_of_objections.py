"""An objection is answered once; neither it nor its answer is edited."""

from django.db import migrations

KEPT = """
SELECT canut_updatable('payouts_objection', ARRAY['answer', 'answered_at', 'answered_by_id']);
CREATE TRIGGER objection_answered_stays_answered BEFORE UPDATE ON payouts_objection
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0009_objections")]
    operations = [migrations.RunSQL(KEPT, migrations.RunSQL.noop)]
