"""The two database roles and what a PostgreSQL needs once before the first migration, embedded or of one's own. Pure."""

OWNER_ROLE = "canut_owner"
APP_ROLE = "canut_app"
QUEUE_ROLE = "canut_queue"

ROLES_SQL = f"""
CREATE ROLE {OWNER_ROLE} LOGIN;

CREATE ROLE {APP_ROLE} LOGIN;

CREATE ROLE {QUEUE_ROLE} LOGIN;
"""

# Run by a superuser in the database itself: the owner migrates, the app reads and writes what the owner makes.
DATABASE_SQL = f"""
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE EXTENSION IF NOT EXISTS citext;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

GRANT USAGE ON SCHEMA public TO {APP_ROLE};

ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};

ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
"""
