"""How fast a project goes, and how much longer than others a member wants to be given."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.work.models import PaceFactor, Project
from coop.work.pace import SLOWEST, WHOLE, pace_seconds

# One voice per member: the median of what she said, each time at most the bound, so that nobody's sleep is heard.
MEDIANS = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY greatest(1, least(declared_seconds, bound_seconds)))
FROM work_assignment WHERE project_id = %s AND state = 'submitted' GROUP BY member_id
"""


def update_paces() -> int:
    """Reckon the pace of each live project that was answered since it last was, however long ago. How many have another pace now."""
    return sum(_update_pace(project) for project in Project.objects.live().order_by("pk"))


def _update_pace(project: Project) -> bool:
    answers = project.answers.count()
    if answers == project.paced_answers:
        return False
    with connection.cursor() as cursor:
        cursor.execute(MEDIANS, [str(project.pk)])
        medians = [median for (median,) in cursor.fetchall()]
    pace = pace_seconds(project.seconds_per_answer, medians)
    Project.objects.filter(pk=project.pk).update(pace_seconds=pace, paced_answers=answers)
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
