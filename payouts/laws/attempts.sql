-- Never twice, never lost: under one key one thing is asked, the fence is never moved away, and what was answered stays.

CREATE OR REPLACE TRIGGER attempt_burns_its_key BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (NEW.epoch <> OLD.epoch + (OLD.state <> 'waiting' AND NEW.state = 'waiting')::int)
    EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_burns_its_key ON payouts_attempt IS
    'Going back to waiting takes the next key, and nothing else does: a key that was burnt is never used again.';

CREATE OR REPLACE TRIGGER attempt_keeps_the_request_of_its_key BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (OLD.sealed_request IS NOT NULL AND NEW.epoch = OLD.epoch)
    EXECUTE FUNCTION canut_fixed_but('state', 'last_try_at', 'look_after', 'tries', 'next_try_at', 'reference', 'trouble');
COMMENT ON TRIGGER attempt_keeps_the_request_of_its_key ON payouts_attempt IS
    'Under one key the rail is asked for one thing, and the key is as old as its first try.';

CREATE OR REPLACE TRIGGER attempt_fence_only_comes_nearer BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (NEW.epoch = OLD.epoch AND NEW.look_after > OLD.look_after) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_fence_only_comes_nearer ON payouts_attempt IS
    'The moment from which a key is not asked again is not put off.';

CREATE OR REPLACE TRIGGER attempt_keeps_its_reference BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (OLD.reference <> '' AND NEW.epoch = OLD.epoch AND OLD.reference <> NEW.reference) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_keeps_its_reference ON payouts_attempt IS
    'What the rail answered under a key is its answer for ever.';

CREATE OR REPLACE TRIGGER attempt_done_stays_done BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (OLD.state = 'done' AND NEW.state <> 'done' AND OLD.purpose <> 'checkout') EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_done_stays_done ON payouts_attempt IS
    'What was paid, given back or opened is never asked again; only a page on which nobody paid lapses.';
