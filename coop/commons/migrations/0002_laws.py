"""The laws of commons: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

REQUESTS = r"""
-- Who may use what members made is decided once.

CREATE OR REPLACE FUNCTION access_request_is_decided_once() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a request that was granted or refused stays so'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION access_request_is_decided_once() IS 'Refuses to touch a request that has its outcome.';
REVOKE ALL ON FUNCTION access_request_is_decided_once() FROM PUBLIC;

CREATE OR REPLACE TRIGGER access_request_is_decided_once BEFORE UPDATE ON commons_accessrequest
    FOR EACH ROW WHEN (OLD.outcome <> '') EXECUTE FUNCTION access_request_is_decided_once();
COMMENT ON TRIGGER access_request_is_decided_once ON commons_accessrequest IS
    'A refusal by the members is not turned into a grant behind their back, nor the other way round.';
"""

RIGHTS = r"""
-- What the application may do with each table. A request stays as it was asked, a grant as it was given.

SELECT canut_append_only('commons_dataset');
SELECT canut_append_only('commons_usepolicy');
SELECT canut_free('commons_contributor');  -- a member is erased by deleting what ties a pseudonym to her
SELECT canut_append_only('commons_contribution');
SELECT canut_append_only('commons_release');
SELECT canut_append_only('commons_releasefile');
SELECT canut_kept('commons_accessrequest', changing => ARRAY['proposal', 'outcome', 'refused_for', 'decision', 'decided_at']);
SELECT canut_kept('commons_grant', changing => ARRAY['fee_paid_at']);
SELECT canut_append_only('commons_accessevent');
"""

STATES = r"""
-- The graph of a request for access: a red line refuses it on the spot, everything else people decide, once.

SELECT canut_states('commons_accessrequest', 'outcome', begins => ARRAY['', 'refused'], moves => ARRAY[
    '>granted', '>refused']);
"""


class Migration(migrations.Migration):
    dependencies = [("commons", "0001_tables"), ("work", "0002_laws")]
    operations = [migrations.RunSQL(REQUESTS), migrations.RunSQL(RIGHTS), migrations.RunSQL(STATES)]
