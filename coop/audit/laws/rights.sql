-- What the application may do with each table: the log only grows.

SELECT canut_append_only('audit_entry');
SELECT canut_append_only('audit_seal');
SELECT canut_append_only('audit_leaf');
SELECT canut_append_only('audit_checkpoint');
