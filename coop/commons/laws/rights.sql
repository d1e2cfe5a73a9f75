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
