"""A policy in plain words, sentence by sentence, in the language of the moment."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from coop.commons.screen import ACTIONS, LEGAL_FORMS, PURPOSES, RED_LINES

DUTIES = {
    "inform": lambda: _("report on the use within 180 days"),
    "attribute": lambda: _("name the collective that made the data"),
    "delete": lambda: _("delete the data at the end"),
}


def sentences(policy: Mapping[str, Any]) -> list[str]:
    """What the policy says; first what is never allowed."""
    lines = [
        _("Nothing is allowed that is not named here, and what is forbidden stays forbidden whoever asks."),
        _("The machine only refuses; every yes is a vote of the stewards."),
    ]
    for key in red_lines_of(policy):
        lines.append(_("Never: %(line)s.") % {"line": _(RED_LINES[key][0])})
    for rule in policy["prohibition"]:
        if "constraint" not in rule:
            lines.append(_("Never, to anybody: %(actions)s.") % {"actions": _words(rule["action"], ACTIONS)})
    lines += [_permission(rule) for rule in policy["permission"]]
    return lines


def red_lines_of(policy: Mapping[str, Any]) -> list[str]:
    """The red lines a policy holds, by key."""
    uids = [rule["uid"] for rule in policy["prohibition"]]
    return [key for key in RED_LINES if any(uid.startswith(f"red-line/{key}/") for uid in uids)]


def _permission(rule: Mapping[str, Any]) -> str:
    wanted = {constraint["leftOperand"]: constraint["rightOperand"] for constraint in rule["constraint"]}
    facts = {
        "forms": _words(wanted["legalForm"], LEGAL_FORMS),
        "actions": _words(rule["action"], ACTIONS),
        "purposes": _words(wanted["purpose"], PURPOSES),
        "duties": ", ".join(DUTIES[duty["action"]]() for duty in rule["duty"]),
    }
    if "payAmount" in wanted:
        return (
            _("Against a fee for the commons, if the stewards agree: %(forms)s may %(actions)s, for %(purposes)s.")
            % facts
            + " "
            + _("They must %(duties)s.") % facts
        )
    return (
        _("Free of charge, if the stewards agree: %(forms)s may %(actions)s, for %(purposes)s.") % facts
        + " "
        + _("They must %(duties)s.") % facts
    )


def _words(keys: Iterable[str], words: Mapping[str, str]) -> str:
    return "; ".join(_(words[key]) for key in keys)
