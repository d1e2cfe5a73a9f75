"""The clock of the co-operative, and the functions by which later migrations say what may happen to a table."""

from django.db import migrations

CLOCK = """
CREATE TABLE sandbox_clock (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT sandbox_clock_has_one_row CHECK (only_row),
    sandbox boolean NOT NULL DEFAULT false,
    ahead_by interval NOT NULL DEFAULT '0',
    CONSTRAINT sandbox_clock_moves_only_in_sandbox CHECK (sandbox OR ahead_by = '0'),
    CONSTRAINT sandbox_clock_is_never_late CHECK (ahead_by >= '0')
);
INSERT INTO sandbox_clock DEFAULT VALUES;
REVOKE ALL ON sandbox_clock FROM PUBLIC, canut_app;
GRANT SELECT ON sandbox_clock TO canut_app;

CREATE FUNCTION coop_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT clock_timestamp() + ahead_by FROM sandbox_clock $$;
"""

LAWS = """
CREATE FUNCTION canut_deny() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is not allowed: what happened is never edited', lower(TG_OP), TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION canut_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION canut_deny()',
                   target::text || '_append_only', target);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM canut_app', target);
END $$;

CREATE FUNCTION canut_updatable(target regclass, columns text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION canut_deny()',
                   target::text || '_is_kept', target);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM canut_app', target);
    EXECUTE format('GRANT UPDATE (%s) ON %s TO canut_app', (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c), target);
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION coop_now(); DROP TABLE sandbox_clock;"),
        migrations.RunSQL(
            LAWS,
            "DROP FUNCTION canut_updatable(regclass, text[]); DROP FUNCTION canut_append_only(regclass); DROP FUNCTION canut_deny();",
        ),
    ]
