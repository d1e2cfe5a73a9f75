"""The machine's look at a request for data: what the policy forbids is refused at once, everything else goes to people. Pure.

A closed world: what no permission names is not permitted. A prohibition wins over every permission. A fact that is not known makes a
rule undecided, and undecided goes to people, never to yes. The machine never says yes.

The policy is ODRL 2.2 (https://www.w3.org/TR/odrl-model/) in a profile of our own: few operands, few operators, words from the lists below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from coop.ground.texts import gettext_noop as _

UNKNOWN = "other"
"""What somebody chooses when no word of a list fits: a fact the machine does not know."""

SECTORS: Mapping[str, str] = {
    "research_education": _("research and education"),
    "public_administration": _("public administration"),
    "health_care": _("health care"),
    "non_profit": _("associations and non-profit work"),
    "culture_media": _("culture and media"),
    "technology": _("information technology"),
    "finance": _("banking and finance"),
    "commerce_industry": _("commerce and industry"),
    "insurance": _("insurance"),
    "pharmaceutical": _("pharmaceutical industry"),
    "security_surveillance": _("security and surveillance"),
    "defence": _("defence and arms"),
    "border_control": _("border and migration control"),
    "workplace_monitoring": _("monitoring and control of workers"),
    UNKNOWN: _("something else"),
}
PURPOSES: Mapping[str, str] = {
    "academic_research": _("academic research"),
    "non_commercial_research": _("other research without profit"),
    "education": _("teaching"),
    "public_benefit": _("a service of general interest"),
    "journalism": _("journalism"),
    "commercial_research": _("research for profit"),
    "product_development": _("developing a product or service"),
    "insurance_pricing": _("pricing or refusing insurance"),
    "drug_development": _("developing or selling medicines"),
    "surveillance": _("watching people"),
    "biometric_identification": _("recognising people by their body"),
    "military_use": _("military use"),
    "border_decisions": _("deciding on migration and asylum"),
    "worker_monitoring": _("monitoring or scoring workers"),
    UNKNOWN: _("something else"),
}
LEGAL_FORMS: Mapping[str, str] = {
    "public_body": _("public body or university"),
    "non_profit": _("association, foundation or NGO"),
    "coop": _("co-operative"),
    "firm": _("firm"),
    "person": _("private person"),
    UNKNOWN: _("something else"),
}
ACTIONS: Mapping[str, str] = {
    "use": _("read and analyse the data"),
    "derive": _("train models on the data"),
    "publish_results": _("publish results about the data"),
    "distribute": _("pass the data on"),
    "sell": _("sell the data"),
}
ENVIRONMENTS: Mapping[str, str] = {
    "safe_room": _("in a protected room of the co-operative"),
    "query": _("by queries only"),
    "download": _("by download"),
}

RED_LINES: Mapping[str, tuple[str, frozenset[str], frozenset[str]]] = {
    "insurance": (_("No insurers"), frozenset({"insurance"}), frozenset({"insurance_pricing"})),
    "pharmaceutical": (_("No pharmaceutical firms"), frozenset({"pharmaceutical"}), frozenset({"drug_development"})),
    "surveillance": (
        _("No surveillance"),
        frozenset({"security_surveillance"}),
        frozenset({"surveillance", "biometric_identification", "worker_monitoring"}),
    ),
    "military": (_("No military use"), frozenset({"defence"}), frozenset({"military_use"})),
    "migration_control": (_("No migration control"), frozenset({"border_control"}), frozenset({"border_decisions"})),
    "union_busting": (
        _("No action against workers and unions"),
        frozenset({"workplace_monitoring"}),
        frozenset({"worker_monitoring"}),
    ),
}
"""Each red line: its name, the sectors and the purposes it stands for."""

REASONS: Mapping[str, str] = {
    **{key: name for key, (name, _sectors, _purposes) in RED_LINES.items()},
    "no_resale": _("The data is never sold or passed on"),
    "no_permission": _("The policy permits nothing of this kind"),
    "silence": _("No steward was there to decide in time; silence means no"),
    "vote": _("The stewards did not say yes"),
    "withdrawn": _("The request was withdrawn"),
}
"""Why a request can be refused, in words."""
PERMISSIONS: Mapping[str, str] = {
    "permission/without-profit": _("free of charge for work without profit"),
    "permission/against-a-fee": _("against a fee for the commons"),
}
"""The permissions of the default policy, by the uid of the rule."""

NON_PROFIT_FORMS = ["coop", "non_profit", "public_body"]
NON_PROFIT_PURPOSES = ["academic_research", "education", "journalism", "non_commercial_research", "public_benefit"]
FOR_PROFIT_PURPOSES = ["commercial_research", "product_development"]


class Verdict(StrEnum):
    """What the machine says; there is no yes."""

    REFUSED = "refused"
    PEOPLE = "people"


@dataclass(frozen=True)
class Facts:
    """What a request states, in the words of the lists above. `sectors` are those of the asker and of every recipient."""

    legal_form: str
    sectors: frozenset[str]
    purpose: str
    actions: frozenset[str]
    offer: int = 0


@dataclass(frozen=True)
class Screening:
    """The verdict, why (`reason`: a key of REASONS, empty where it goes to people), the rules that spoke, and those left undecided."""

    verdict: Verdict
    reason: str = ""
    rules: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """As it is published with the request."""
        return {
            "verdict": str(self.verdict),
            "reason": self.reason,
            "rules": list(self.rules),
            "undecided": list(self.undecided),
            "duties": list(self.duties),
        }


def default_policy(*, target: str, red_lines: Collection[str]) -> dict[str, Any]:
    """The policy every dataset begins with: research and public benefit without profit, firms against a fee, the red lines never."""
    report = {"uid": "duty/report", "action": "inform", "within": "P180D"}
    attribute = {"uid": "duty/name-the-collective", "action": "attribute"}
    delete = {"uid": "duty/delete-at-the-end", "action": "delete"}
    return {
        "@context": "http://www.w3.org/ns/odrl.jsonld",
        "@type": "Offer",
        "target": target,
        "profile": "urn:canut:odrl:1",
        "conflict": "prohibit",
        "permission": [
            {
                "uid": "permission/without-profit",
                "action": ["derive", "publish_results", "use"],
                "constraint": [
                    _constraint("legalForm", "isAnyOf", NON_PROFIT_FORMS),
                    _constraint("purpose", "isAnyOf", NON_PROFIT_PURPOSES),
                ],
                "duty": [attribute, delete, report],
            },
            {
                "uid": "permission/against-a-fee",
                "action": ["derive", "publish_results", "use"],
                "constraint": [
                    _constraint("legalForm", "isAnyOf", ["coop", "firm"]),
                    _constraint("purpose", "isAnyOf", [*FOR_PROFIT_PURPOSES, *NON_PROFIT_PURPOSES]),
                    _constraint("payAmount", "gteq", 1),
                ],
                "duty": [attribute, delete, report],
            },
        ],
        "prohibition": [*_red_line_rules(red_lines), {"uid": "no_resale", "action": ["distribute", "sell"]}],
    }


def screen(facts: Facts, policy: Mapping[str, Any], red_lines: Collection[str]) -> Screening:
    """What the policy, and the red lines in force, say to a request."""
    prohibitions = [*_red_line_rules(red_lines), *policy.get("prohibition", [])]
    undecided: list[str] = []
    for rule in prohibitions:
        if not _concerns(rule, facts.actions):
            continue
        holds = _hold(rule, facts)
        if holds is True:
            return Screening(Verdict.REFUSED, _reason_of(rule["uid"]), (rule["uid"],))
        if holds is None:
            undecided.append(rule["uid"])
    rules: list[str] = []
    duties: set[str] = set()
    for action in sorted(facts.actions):
        best = _best_permission(action, facts, policy)
        if best is None:
            return Screening(Verdict.REFUSED, "no_permission", (action,))
        rule, holds = best
        rules.append(rule["uid"])
        duties.update(duty["uid"] for duty in rule.get("duty", []))
        if holds is None:
            undecided.append(rule["uid"])
    if not facts.actions:
        return Screening(Verdict.REFUSED, "no_permission")
    return Screening(
        Verdict.PEOPLE,
        rules=tuple(dict.fromkeys(rules)),
        undecided=tuple(dict.fromkeys(undecided)),
        duties=tuple(sorted(duties)),
    )


def _red_line_rules(red_lines: Collection[str]) -> list[dict[str, Any]]:
    """Two prohibitions per red line: by sector, and by purpose."""
    rules = []
    for key in sorted(red_lines):
        _name, sectors, purposes = RED_LINES[key]
        for operand, words in (("sector", sectors), ("purpose", purposes)):
            rules.append(
                {
                    "uid": f"red-line/{key}/{operand}",
                    "action": ["use"],
                    "constraint": [_constraint(operand, "isAnyOf", sorted(words))],
                }
            )
    return rules


def _constraint(operand: str, operator: str, value: Any) -> dict[str, Any]:
    return {"leftOperand": operand, "operator": operator, "rightOperand": value}


def rule_name(uid: str) -> str:
    """What people call the rule with this uid; a rule of a policy that was written elsewhere by its uid."""
    return PERMISSIONS.get(uid) or REASONS.get(_reason_of(uid), uid)


def _reason_of(uid: str) -> str:
    return uid.split("/")[1] if uid.startswith("red-line/") else uid


def _concerns(rule: Mapping[str, Any], actions: frozenset[str]) -> bool:
    """Whether a prohibition touches what is asked for. Every action includes `use`."""
    return "use" in rule["action"] or bool(actions & set(rule["action"]))


def _hold(rule: Mapping[str, Any], facts: Facts) -> bool | None:
    """Whether all constraints hold; None where none fails and one can't be told."""
    answers = [_holds(constraint, facts) for constraint in rule.get("constraint", [])]
    if False in answers:
        return False
    return None if None in answers else True


def _holds(constraint: Mapping[str, Any], facts: Facts) -> bool | None:
    wanted, operator = constraint["rightOperand"], constraint["operator"]
    if constraint["leftOperand"] == "payAmount":
        return facts.offer >= wanted if operator == "gteq" else None
    stated = set(_stated(constraint["leftOperand"], facts))
    if operator != "isAnyOf" or not stated:
        return None
    if stated & set(wanted):
        return True
    return None if UNKNOWN in stated else False


def _stated(operand: str, facts: Facts) -> Iterator[str]:
    match operand:
        case "sector":
            yield from facts.sectors
        case "purpose":
            yield facts.purpose
        case "legalForm":
            yield facts.legal_form


def _best_permission(
    action: str, facts: Facts, policy: Mapping[str, Any]
) -> tuple[Mapping[str, Any], bool | None] | None:
    """The permission that certainly holds, else one that might; None where every one fails."""
    perhaps = None
    for rule in policy.get("permission", []):
        if action in rule["action"]:
            match _hold(rule, facts):
                case True:
                    return rule, True
                case None:
                    perhaps = perhaps or (rule, None)
    return perhaps
