"""What may still change once it is recorded."""

from django.db import migrations

KEPT = """
SELECT canut_updatable('payouts_period', ARRAY['state', 'closed_at']), canut_append_only('payouts_revenueline'),
       canut_append_only('payouts_membershare'), canut_append_only('payouts_paidtime'),
       canut_updatable('payouts_payoutrun', ARRAY[
           'state', 'inputs', 'inputs_sha256', 'result', 'result_sha256', 'payable_total', 'distribution_id', 'bundle_sha256',
           'log_entry_id', 'frozen_at', 'computed_at', 'objections_until', 'approved_at', 'approved_by_id', 'reserved_at',
           'executing_at', 'settled_at', 'closed_at']);

CREATE TRIGGER period_stays_closed BEFORE UPDATE ON payouts_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
CREATE TRIGGER run_frozen_keeps_its_inputs BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.frozen_at IS NOT NULL AND (OLD.inputs, OLD.inputs_sha256, OLD.frozen_at)
          IS DISTINCT FROM (NEW.inputs, NEW.inputs_sha256, NEW.frozen_at)) EXECUTE FUNCTION canut_deny();
CREATE TRIGGER run_computed_keeps_its_result BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.computed_at IS NOT NULL AND (OLD.result, OLD.result_sha256, OLD.payable_total, OLD.distribution_id, OLD.bundle_sha256, OLD.computed_at)
          IS DISTINCT FROM (NEW.result, NEW.result_sha256, NEW.payable_total, NEW.distribution_id, NEW.bundle_sha256, NEW.computed_at))
    EXECUTE FUNCTION canut_deny();
CREATE TRIGGER run_never_goes_back BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (num_nonnulls(NEW.frozen_at, NEW.computed_at, NEW.approved_at, NEW.reserved_at, NEW.executing_at, NEW.settled_at, NEW.closed_at)
          < num_nonnulls(OLD.frozen_at, OLD.computed_at, OLD.approved_at, OLD.reserved_at, OLD.executing_at, OLD.settled_at, OLD.closed_at))
    EXECUTE FUNCTION canut_deny();
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_periods_and_runs"), ("coop", "0001_clock_and_table_laws")]
    operations = [migrations.RunSQL(KEPT, migrations.RunSQL.noop)]
