-- What the application may do with each table. A request stays as it was asked, a grant as it was given.

SELECT canut_append_only('commons_dataset');
SELECT canut_append_only('commons_usepolicy');
SELECT canut_free('commons_contributor');  -- a member is erased by deleting what ties a pseudonym to her
SELECT canut_append_only('commons_contribution');
SELECT canut_append_only('commons_release');
SELECT canut_append_only('commons_releasefile');
SELECT canut_kept('commons_accessrequest', frozen => ARRAY[
    'dataset_id', 'policy_id', 'asked_by_id', 'organisation', 'country', 'legal_form', 'sector', 'purpose', 'purpose_text', 'actions',
    'recipients', 'recipient_sectors', 'environment', 'offer', 'until', 'screening', 'simulated', 'submitted_at']);
SELECT canut_kept('commons_grant', frozen => ARRAY[
    'request_id', 'release_id', 'decision', 'policy_sha256', 'agreement_sha256', 'fee', 'starts_at', 'ends_at']);
SELECT canut_append_only('commons_accessevent');
