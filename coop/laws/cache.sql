-- The cache that all web processes of one node share (limits of attempts need one), in the layout of Django's database cache.

CREATE UNLOGGED TABLE IF NOT EXISTS shared_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS shared_cache_expires ON shared_cache (expires);
COMMENT ON TABLE shared_cache IS 'What every web process must count together; nothing in it is worth keeping.';
REVOKE ALL ON shared_cache FROM PUBLIC, canut_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shared_cache TO canut_app;
