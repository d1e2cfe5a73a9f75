"""Stored words that the filter `words` shows to people, named here so that they are translated.

A test compares this list with the catalogue of rules.
"""

from django.utils.translation import gettext_noop as _

WORDS = (
    # columns of tables
    _("task"), _("pilot"), _("training"), _("standby"), _("review"), _("jury"), _("assembly"), _("calibration"), _("recovery"),
    _("voters"), _("num"), _("den"), _("base"), _("quorum kind"), _("quorum num"), _("quorum den"),
    _("deliberation days"), _("voting days"), _("timelock days"), _("expiry days"), _("min tenure days"),
    # choices
    _("all"), _("producers"), _("stewards"), _("yes no"), _("valid"), _("roll"), _("approval"), _("participation"), _("none"),
    _("surveillance"), _("biometric identification"), _("military"), _("migration control"), _("union busting"), _("fake engagement"),
    _("insurance"), _("pharmaceutical"),
    _("clamped weight/1"), _("clamped equal/1"), _("dawid skene/1"), _("majority/1"), _("oldest first/1"), _("weighted lottery/1"),
    # offices
    _("steward"), _("treasurer"),
)  # fmt: skip
