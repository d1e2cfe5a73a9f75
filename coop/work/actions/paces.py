"""How fast a project goes, and how much longer than others a member wants to be given."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.rules.actions import in_force
from coop.rules.book import RuleBook
from coop.work.actions.times import usual_bound
from coop.work.models import PaceFactor, Project, TimeCorrection
from coop.work.pace import FEWEST_VOICES, SLOWEST, WHOLE, pace_seconds

# One voice per member: the median of what she said last of each answer. Each is heard up to the bound of the quote, which neither
# the pace nor her own factor moves: who sleeps to her bound would raise it, and sleep longer.
MEDIANS = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY greatest(1, least(coalesce(last.said, a.declared_seconds), %(bound)s)))
FROM work_assignment a
LEFT JOIN LATERAL (
    SELECT c.declared_seconds AS said FROM work_timecorrection c WHERE c.assignment_id = a.id ORDER BY c.number DESC LIMIT 1
) last ON true
WHERE a.project_id = %(project)s AND a.state = 'submitted' GROUP BY a.member_id
"""


def update_paces(*, now: datetime) -> int:
    """Reckon the pace of each live project of which anything was said since it last was, or said anew. How many have another pace now."""
    book = in_force(now)
    return sum(_update_pace(project, book) for project in Project.objects.live().order_by("pk"))


def _update_pace(project: Project, book: RuleBook) -> bool:
    words = project.answers.count() + TimeCorrection.objects.filter(assignment__project=project).count()
    if words == project.paced_words:
        return False
    bound = usual_bound(pace=project.seconds_per_answer, book=book)
    with connection.cursor() as cursor:
        cursor.execute(MEDIANS, {"project": str(project.pk), "bound": bound})
        medians = [median for (median,) in cursor.fetchall()]
    heard = medians if len(medians) >= FEWEST_VOICES else []
    pace = pace_seconds(project.seconds_per_answer, heard)
    Project.objects.filter(pk=project.pk).update(pace_seconds=pace, paced_words=words)
    return pace != project.pace


@transaction.atomic
def set_pace_factor(*, by: Actor, permille: int) -> PaceFactor:
    """Be given so many thousandths of the usual time for the items taken from now on. No reason is asked and nobody else sees it.

    Refused `pace_factor_out_of_bounds`.
    """
    if not WHOLE <= permille <= SLOWEST:
        raise Refused(
            _("Choose between once and three times the usual time."), code="pace_factor_out_of_bounds", field="factor"
        )
    factor, _new = PaceFactor.objects.update_or_create(member=member_behind(by), defaults={"permille": permille})
    return factor
