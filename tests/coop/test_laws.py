"""The law files are the law: the database says what they say, of every object why it is there, and nothing besides."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.apps import apps
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from coop.ground.roles import APP_ROLE, OWNER_ROLE
from coop.management.commands.fold import TABLES, law_files, our_apps
from tests import catalogue, database, make
from tests.conftest import point_at

pytestmark = pytest.mark.law

STATED = f"stated_{database.WORKER}"
MIGRATED = f"migrated_{database.WORKER}"
CALLED_BY_THE_APP = {"coop_now()", "ledger_payload_1(bigint,bigint)"}
FIXED_PATH = "SET search_path TO 'pg_catalog', 'public', 'pg_temp'"


@contextmanager
def connected(name: str, role: str = OWNER_ROLE) -> Iterator[psycopg.Connection]:
    """A connection whose transaction is undone at the end."""
    with psycopg.connect(database.cluster.dsn(role, name)) as connection:
        yield connection
        connection.rollback()


def state_the_laws(connection: psycopg.Connection) -> None:
    for app in our_apps():
        for path in law_files(app):
            connection.execute(path.read_bytes())


@pytest.fixture(scope="module")
def bare(template, django_db_blocker) -> Iterator[dict[str, catalogue.Said]]:
    """The catalogue of a database that has the tables of the models and no law yet; then the files are run in it."""
    database.drop(STATED)
    database.cluster.create_database(STATED, OWNER_ROLE)
    with django_db_blocker.unblock():
        point_at(STATED)
        executor = MigrationExecutor(connections["owner"])
        ours = {app.label for app in our_apps()}
        theirs = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in ours]
        executor.migrate([*theirs, *((label, TABLES) for label in ours)])
        point_at(database.SUITE)
    with psycopg.connect(database.cluster.dsn(OWNER_ROLE, STATED)) as connection:
        without = catalogue.read(connection)
        state_the_laws(connection)
    yield without
    database.drop(STATED)


@pytest.fixture
def stated(bare) -> Iterator[psycopg.Connection]:
    """A database made of the models and the law files, by no migration's copy."""
    with connected(STATED) as connection:
        yield connection


@pytest.fixture(scope="module")
def _migrated(template) -> Iterator[str]:
    database.clone(template, MIGRATED)
    yield MIGRATED
    database.drop(MIGRATED)


@pytest.fixture
def migrated(_migrated) -> Iterator[psycopg.Connection]:
    """A database as every installation has it."""
    with connected(MIGRATED) as connection:
        yield connection


def uncommented(bare: dict[str, catalogue.Said], now: dict[str, catalogue.Said]) -> set[str]:
    """What the laws add to the tables of the models, and doesn't say what it protects. Parts of a table that is commented need not."""
    new_tables = {name.removeprefix("table ") for name in now.keys() - bare.keys() if name.startswith("table ")}
    return {
        name
        for name in now.keys() - bare.keys()
        if name.split()[0] in {"function", "trigger", "view", "table", "column", "constraint"}
        and name.split()[-1].split(".")[0] not in new_tables - {name.removeprefix("table ")}
        and not (now[name][2] or "").strip().endswith(".")
    }


def test_the_database_is_what_the_models_and_the_laws_say(stated, migrated):
    assert catalogue.differences(catalogue.read(stated), catalogue.read(migrated)) == set()


ASTRAY = {
    "function governance_proposal_begins()": """
        CREATE OR REPLACE FUNCTION governance_proposal_begins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN RETURN NEW; END $$""",
    "function ledger_keep_balance()": "GRANT EXECUTE ON FUNCTION ledger_keep_balance() TO PUBLIC",
    "function coop_now()": "ALTER FUNCTION coop_now() SET search_path = pg_temp",
    "function back_door()": "CREATE FUNCTION back_door() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "trigger quiet on governance_vote": """
        CREATE TRIGGER quiet BEFORE INSERT ON governance_vote FOR EACH ROW EXECUTE FUNCTION canut_deny()""",
    "trigger vote_only_while_the_ballot_is_open on governance_vote": """
        ALTER TABLE governance_vote DISABLE TRIGGER vote_only_while_the_ballot_is_open""",
    "trigger ledger_entry_append_only on ledger_entry": "DROP TRIGGER ledger_entry_append_only ON ledger_entry",
    "trigger quote_adds_up on work_quote": """
        DROP TRIGGER quote_adds_up ON work_quote;
        CREATE CONSTRAINT TRIGGER quote_adds_up AFTER INSERT ON work_quote FOR EACH ROW EXECUTE FUNCTION canut_quote_adds_up();
        COMMENT ON TRIGGER quote_adds_up ON work_quote IS 'A client never pays a total that its lines don''t explain.'""",
    "table rules_ruleversion": "GRANT UPDATE ON rules_ruleversion TO canut_app",
    "table sandbox_clock": "GRANT UPDATE ON sandbox_clock TO canut_app",
    "column governance_ballot.closes_at": "GRANT UPDATE (closes_at) ON governance_ballot TO canut_app",
    "column members_member.name": "REVOKE UPDATE (name) ON members_member FROM canut_app",
    "view invariant_period_out_of_order": "GRANT UPDATE ON invariant_period_out_of_order TO canut_app",
    "view invariant_nothing": "CREATE VIEW invariant_nothing AS SELECT 1 WHERE false",
    "constraint roll_one_member_one_vote on governance_rollentry": """
        ALTER TABLE governance_rollentry DROP CONSTRAINT roll_one_member_one_vote""",
    "rule nothing_is_written on audit_entry": """
        CREATE RULE nothing_is_written AS ON INSERT TO audit_entry DO INSTEAD NOTHING""",
}


@pytest.mark.parametrize("what", ASTRAY)
def test_whatever_goes_astray_is_seen(stated, migrated, what):
    lawful = catalogue.read(stated)

    migrated.execute(ASTRAY[what])

    assert catalogue.differences(lawful, catalogue.read(migrated)) == {what}


def test_running_the_laws_again_in_one_transaction_changes_nothing(stated):
    once = catalogue.read(stated)

    state_the_laws(stated)

    assert catalogue.differences(once, catalogue.read(stated)) == set()


def test_running_the_laws_again_mends_what_they_state(stated):
    once = catalogue.read(stated)
    for what in set(ASTRAY) & once.keys() - {"constraint roll_one_member_one_vote on governance_rollentry"}:
        stated.execute(ASTRAY[what])

    state_the_laws(stated)

    assert catalogue.differences(once, catalogue.read(stated)) == set()


def test_every_law_says_in_a_sentence_what_it_protects(bare, stated):
    now = catalogue.read(stated)

    assert len(now.keys() - bare.keys()) > 100
    assert uncommented(bare, now) == set()


@pytest.mark.parametrize(
    ("what", "silenced"),
    [
        ("function canut_deny()", "FUNCTION canut_deny()"),
        ("trigger quote_adds_up on work_quoteline", "TRIGGER quote_adds_up ON work_quoteline"),
        ("trigger talk_post_append_only on talk_post", "TRIGGER talk_post_append_only ON talk_post"),
        ("view invariant_member_paid_twice", "VIEW invariant_member_paid_twice"),
        ("table sandbox_clock", "TABLE sandbox_clock"),
        ("column ledger_transaction.xid", "COLUMN ledger_transaction.xid"),
        (
            "constraint proposal_has_its_binding_text on governance_proposal",
            "CONSTRAINT proposal_has_its_binding_text ON governance_proposal",
        ),
    ],
)
def test_a_law_without_its_sentence_is_seen(bare, stated, what, silenced):
    stated.execute(f"COMMENT ON {silenced} IS NULL")

    assert uncommented(bare, catalogue.read(stated)) == {what}


# -- who may call them


def test_laws_run_with_the_rights_of_the_owner_in_a_fixed_path_and_nobody_else_calls_them(migrated):
    for name, (definition, rights, _) in catalogue.read(migrated).items():
        if not name.startswith("function "):
            continue
        called = name.removeprefix("function ") in CALLED_BY_THE_APP
        expected = {f"{OWNER_ROLE}=X/{OWNER_ROLE}", *([f"{APP_ROLE}=X/{OWNER_ROLE}"] if called else [])}
        assert set(rights.split()) == expected, name
        if "RETURNS trigger" in definition:
            assert "SECURITY DEFINER" in definition, name
            assert FIXED_PATH in definition, name


def test_the_clock_is_not_moved_by_a_table_that_stands_before_it(migrated):
    migrated.execute("CREATE TEMP TABLE sandbox_clock AS SELECT interval '10 days' AS ahead_by")

    assert migrated.execute("SELECT coop_now() - clock_timestamp() < interval '1 hour'").fetchone() == (True,)


@pytest.fixture
def stranger(_migrated) -> Iterator[psycopg.Connection]:
    """A superuser who plays roles: the application, and somebody who may come in and make tables of her own, and no more."""
    with psycopg.connect(database.cluster.dsn("postgres", MIGRATED)) as admin:
        admin.execute("CREATE ROLE stranger")
        admin.execute(f"GRANT CONNECT, TEMP ON DATABASE {MIGRATED} TO stranger, {APP_ROLE}")
        yield admin
        admin.rollback()


@pytest.mark.parametrize("role", ["stranger", APP_ROLE])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT canut_free('ledger_entry')",
        "SELECT canut_kept('rules_ruleversion', changing => ARRAY['value'])",
        "CREATE TRIGGER mine BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION ledger_keep_balance()",
        "CREATE TRIGGER mine BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION canut_deny()",
    ],
)
def test_nobody_makes_a_law_work_for_a_table_of_her_own(stranger, role, statement):
    """Attached to a table of hers, ledger_keep_balance would write balances into the books with the owner's rights."""
    stranger.execute(f"SET ROLE {role}")
    stranger.execute("CREATE TEMP TABLE mine (id bigint, min_balance bigint)")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
        stranger.execute(statement)


def test_nobody_writes_through_a_view(migrated):
    views = [name.removeprefix("view ") for name in catalogue.read(migrated) if name.startswith("view ")]
    assert len(views) > 10

    with connected(MIGRATED, APP_ROLE) as app, pytest.raises(psycopg.errors.InsufficientPrivilege, match="for view"):
        app.execute("UPDATE invariant_period_out_of_order SET number = 7")


HEADER = """
    INSERT INTO ledger_transaction (idem, request_hash, kind, effective_at, posted_at, legs, rule_book, source_event, actor, memo)
    VALUES ('half', repeat('0', 64), 'order_paid', now(), now(), 2, '', '', 'theo', '')"""


def test_a_law_that_waits_for_the_commit_holds_whoever_commits(stranger):
    stranger.execute(f"SET ROLE {APP_ROLE}")
    stranger.execute(HEADER)

    stranger.execute("SET ROLE stranger")
    with pytest.raises(psycopg.errors.CheckViolation, match="states 2 legs and has 0"):
        stranger.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_law_that_waits_sees_what_it_needs_when_somebody_without_any_right_commits(committed_db):
    """Before PostgreSQL 18 what waits for the commit runs with the rights of whoever commits."""
    quote = make.quoted().quote
    with psycopg.connect(database.cluster.dsn("postgres", committed_db)) as admin:
        admin.execute("CREATE ROLE stranger")
        admin.execute(f"SET ROLE {APP_ROLE}")
        admin.execute(
            "INSERT INTO work_quoteline (quote_id, position, key, amount) VALUES (%s, 99, 'tip', 5)", [quote.pk]
        )
        admin.execute("SET ROLE stranger")

        with pytest.raises(psycopg.errors.CheckViolation, match="the lines of a quote add up"):
            admin.commit()


# -- how a table is kept


KEPT = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = tgrelid::regclass || '_is_kept'"
"""The tables whose rows come and stay, and of which something may change."""


def may_change(connection: psycopg.Connection, table: str, column: str) -> bool:
    question = "SELECT has_column_privilege('canut_app', %s, %s, 'UPDATE')"
    return bool(connection.execute(question, [table, column]).fetchone()[0])


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("audit_entry", False),
        ("governance_vote", False),
        ("work_project", False),
        ("coop_heartbeat", True),
        ("ledger_balance_locked", False),
    ],
)
def test_a_new_column_needs_no_grant_and_never_opens_what_is_closed(stated, table, changes):
    stated.execute(f"ALTER TABLE {table} ADD COLUMN remark text")

    state_the_laws(stated)

    assert may_change(stated, table, "remark") is changes


def test_only_what_is_named_may_change(stated):
    named = {
        column: may_change(stated, "governance_vote", column) for column in ("id", "ballot_id", "entry_id", "choice")
    }

    assert named == {"id": False, "ballot_id": False, "entry_id": False, "choice": True}


def test_in_no_kept_table_may_a_column_that_is_added_change(stated):
    kept = [name for (name,) in stated.execute(KEPT)]
    for table in kept:
        stated.execute(f"ALTER TABLE {table} ADD COLUMN remark text")

    state_the_laws(stated)

    assert len(kept) > 15 and not [table for table in kept if may_change(stated, table, "remark")]


def test_letting_a_column_change_that_is_not_there_is_refused(stated):
    with pytest.raises(psycopg.errors.RaiseException, match="governance_vote has no column voter"):
        stated.execute("SELECT canut_kept('governance_vote', changing => ARRAY['voter'])")


def test_a_table_is_kept_in_the_way_that_was_said_last(stated):
    once = catalogue.read(stated)

    for way in (
        "canut_free('talk_post')",
        "canut_kept('talk_post', changing => ARRAY['body'])",
        "canut_read_only('talk_post')",
        "canut_append_only('talk_post')",
    ):
        stated.execute(f"SELECT {way}")

    assert catalogue.differences(once, catalogue.read(stated)) == set()


# -- what a check says of nothing

CHECKS = """
    SELECT conrelid::regclass || ' ' || conname, pg_get_expr(conbin, conrelid), conrelid, conkey FROM pg_constraint
    WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND array_length(conkey, 1) > 1 ORDER BY 1"""
COLUMNS = "SELECT attname, format_type(atttypid, NULL), attnotnull FROM pg_attribute WHERE attrelid = %s AND attnum = ANY (%s)"
SOME = {
    "bigint": ["0", "1", "2"],
    "boolean": ["true", "false"],
    "bytea": ["'{}'"],
    "character varying": ["''", "'x'"],
    "character varying[]": ["'{}'", "'{x}'"],
    "integer": ["0", "1", "2"],
    "interval": ["'0'", "'1 day'"],
    "jsonb": ["'{}'", "'[]'"],
    "smallint": ["0", "1", "2"],
    "text": ["''", "'x'"],
    "timestamp with time zone": ["'2026-01-01'", "'2026-01-02'"],
    "tstzrange": ["'[2026-01-01,2026-01-02)'"],  # that it has a beginning and an end is a check of its own
    "uuid": ["'00000000-0000-0000-0000-000000000001'"],
}
"""Values of every type that a check speaks of, besides the words that stand in the check itself."""


def undecided(connection: psycopg.Connection) -> dict[str, dict[str, object]]:
    """The checks of several columns that are neither true nor false of some row, which lets it pass, with such a row."""
    found = {}
    for name, expression, table, key in connection.execute(CHECKS).fetchall():
        columns = connection.execute(COLUMNS, [table, key]).fetchall()
        rows = []
        for column, type_, always in columns:
            values = SOME[type_] + (sorted(set(re.findall(r"'\w+'", expression))) if "char" in type_ else [])
            values += [] if always else ["NULL"]
            listed = ", ".join(f"({value}::{type_})" for value in values)
            rows.append(f'(VALUES {listed}) AS _{len(rows)} ("{column}")')
        where = f"SELECT * FROM {' CROSS JOIN '.join(rows)} WHERE ({expression}) IS NULL LIMIT 1"
        if row := connection.execute(where).fetchone():
            found[name] = dict(zip([column for column, _type, _always in columns], row, strict=True))
    return found


def test_no_check_of_several_columns_lets_a_row_pass_because_one_of_them_is_empty(migrated):
    """A CHECK that comes to NULL is kept: what may be empty is said, by IS NULL, and never left to that."""
    assert undecided(migrated) == {}


def test_a_check_that_forgets_what_may_be_empty_is_seen(migrated):
    migrated.execute("ALTER TABLE payouts_payoutrun ADD CONSTRAINT forgets CHECK (settled_at > executing_at)")

    assert set(undecided(migrated)) == {"payouts_payoutrun forgets"}


# -- what the application may write at all


FRAMEWORKS = {
    "account": "addresses of people and their confirmation",
    "allauth_idp_oidc": "programs that people let in, and their tokens",
    "auth": "the accounts' groups, which nothing of ours asks",
    "contenttypes": "the names of tables, written after a migration",
    "mfa": "second steps",
    "sessions": "who is logged in",
}
"""The frameworks whose tables the application writes, with what they keep there; tables of ours say in rights.sql how they are kept."""
CACHE = {"shared_cache"}

WRITABLE = """
    SELECT c.oid::regclass::text FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND (has_table_privilege('canut_app', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
           OR has_any_column_privilege('canut_app', c.oid, 'INSERT, UPDATE'))"""


def test_the_application_writes_only_tables_of_ours_and_those_named_here(migrated):
    known = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in {app.label for app in our_apps()} | FRAMEWORKS.keys()
    }

    writable = {name for (name,) in migrated.execute(WRITABLE)}

    assert len(writable) > 30
    assert not writable - known - CACHE


def test_which_migrations_were_run_is_read_by_the_application_and_never_written(migrated):
    with connected(MIGRATED, APP_ROLE) as app:
        assert app.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 10
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="for table django_migrations"):
            app.execute("DELETE FROM django_migrations")
