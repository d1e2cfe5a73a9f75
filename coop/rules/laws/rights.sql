-- What the application may do with each table: a rule gets another version, never another past.

SELECT canut_append_only('rules_ruleversion');
SELECT canut_append_only('rules_pinnedbook');
