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
