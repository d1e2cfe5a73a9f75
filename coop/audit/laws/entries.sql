-- What an entry says of itself in columns is what its signed bytes say.

ALTER TABLE audit_entry DROP CONSTRAINT IF EXISTS audit_entry_columns_are_those_of_its_bytes;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_columns_are_those_of_its_bytes CHECK ((
    convert_from(canonical, 'UTF8')::json ->> 'kind' = kind
    AND convert_from(canonical, 'UTF8')::json ->> 'subject' = subject
    AND convert_from(canonical, 'UTF8')::json ->> 'id' = uuid::text) IS TRUE);  -- of bytes without a key it would be neither true nor false
COMMENT ON CONSTRAINT audit_entry_columns_are_those_of_its_bytes ON audit_entry IS
    'Nobody finds an entry under a kind or subject that the sealed bytes don''t carry.';
