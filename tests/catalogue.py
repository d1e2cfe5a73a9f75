"""What a database says of itself: every object of the public schema with its definition, its rights and its comment."""

import psycopg

QUERIES = {
    "function": """
        SELECT p.oid::regprocedure, pg_get_functiondef(p.oid), coalesce(p.proacl, acldefault('f', p.proowner))::text, obj_description(p.oid, 'pg_proc')
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
    "trigger": """
        SELECT t.tgname || ' on ' || t.tgrelid::regclass, pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger')
        FROM pg_trigger t WHERE NOT t.tgisinternal""",
    "view": """
        SELECT c.oid::regclass, pg_get_viewdef(c.oid), c.relacl::text, obj_description(c.oid, 'pg_class')
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')""",
    "table": """
        SELECT c.oid::regclass, c.relpersistence::text || coalesce(c.reloptions::text, ''), c.relacl::text, obj_description(c.oid, 'pg_class')
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')""",
    "sequence": """
        SELECT c.oid::regclass, '', c.relacl::text, NULL FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'""",
    "column": """
        SELECT c.oid::regclass || '.' || a.attname,
               concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)),
               a.attacl::text, col_description(c.oid, a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT conname || ' on ' || conrelid::regclass, pg_get_constraintdef(oid), '', obj_description(oid, 'pg_constraint')
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype NOT IN ('t', 'n')""",
    "index": """
        SELECT i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), '', NULL
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace""",
    "rule": "SELECT rulename || ' on ' || tablename, definition, '', NULL FROM pg_rules WHERE schemaname = 'public'",
    "policy": "SELECT policyname || ' on ' || tablename, concat_ws(' ', cmd, roles, qual, with_check), '', NULL FROM pg_policies WHERE schemaname = 'public'",
    "other schema": "SELECT nspname, '', nspacl::text, NULL FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'",
}

Said = tuple[str, str, str | None]


def read(connection: psycopg.Connection) -> dict[str, Said]:
    """{kind and name: (definition, rights, comment)}, rights in an order that doesn't depend on who was named first."""
    found = {}
    for kind, query in QUERIES.items():
        for name, definition, rights, comment in connection.execute(query):
            found[f"{kind} {name}"] = (
                str(definition),
                " ".join(sorted(str(rights or "").strip("{}").split(","))),
                comment,
            )
    return found


def differences(one: dict[str, Said], other: dict[str, Said]) -> set[str]:
    """The objects that the two don't say the same of."""
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
