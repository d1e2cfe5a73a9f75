"""Stored words as people read them: `approval` is stored, “enough Yes votes” is shown. The filter `words` looks here.

Words that are not here are shown as they are, with spaces. A test compares this list with the catalogue of rules.
"""

from django.utils.translation import gettext_noop as _

NAMES = {
    # kinds of time
    "task": _("task"),
    "pilot": _("pilot"),
    "training": _("training"),
    "standby": _("stand-by"),
    "review": _("review"),
    "jury": _("jury"),
    "assembly": _("assembly"),
    "calibration": _("calibration"),
    "recovery": _("recovery"),
    # columns of a procedure
    "voters": _("who votes"),
    "num": _("majority: numerator"),
    "den": _("majority: denominator"),
    "base": _("majority out of"),
    "quorum_kind": _("kind of quorum"),
    "quorum_num": _("quorum: numerator"),
    "quorum_den": _("quorum: denominator"),
    "deliberation_days": _("days of deliberation"),
    "voting_days": _("days of voting"),
    "timelock_days": _("days before it is carried out"),
    "expiry_days": _("days until it expires"),
    "min_tenure_days": _("days of membership needed to vote"),
    # what stands in them
    "all": _("every member"),
    "producers": _("the college of producers"),
    "stewards": _("the elected stewards"),
    "yes_no": _("the Yes and No votes"),
    "valid": _("all votes cast"),
    "roll": _("everyone on the roll"),
    "approval": _("enough Yes votes"),
    "participation": _("enough votes of any kind"),
    "none": _("none"),
    # ends and sectors
    "surveillance": _("surveillance"),
    "biometric_identification": _("biometric identification"),
    "military": _("military"),
    "migration_control": _("migration control"),
    "union_busting": _("union busting"),
    "fake_engagement": _("fake engagement"),
    "insurance": _("insurance"),
    "pharmaceutical": _("pharmaceutical"),
    # strategies
    "clamped_weight/1": _("by counted time, between floor and cap"),
    "clamped_equal/1": _("equally, between floor and cap"),
    "dawid_skene/2": _("by weighing how each person errs"),
    "mace/1": _("by weighing who guesses"),
    "majority/2": _("by majority"),
    "oldest_first/1": _("the oldest order first"),
    "weighted_lottery/1": _("by lot, weighted by open work"),
    # colleges and offices
    "producer": _("producers"),
    "user": _("non-profit users"),
    "support": _("supporters"),
    "steward": _("steward"),
    "treasurer": _("treasurer"),
}
