"""Forms of a member at work: the time an answer took. The answer itself is the kind's (`frontend/kinds/`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from coop.work.models import Project
from frontend.forms.fields import MinutesField
from frontend.refusals import PlacedForm


class AnswerForm(PlacedForm):
    """An answer, and the time it took. A kind adds the fields of its answer, before these."""

    STANDS_AT: ClassVar = {"measured_seconds": "declared_seconds"}

    paused_seconds = MinutesField(
        label=_("Of it you rested"),
        required=False,
        help_text=_("In minutes and seconds like 2:30. Leave it empty if you didn't."),
    )
    declared_seconds = MinutesField(
        label=_("Time that counts"),
        required=False,
        help_text=_(
            "In minutes and seconds like 2:30. Leave it empty and what is measured counts, but only as far as nobody questions it. Reading the instructions, loading and looking things up is work."
        ),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = project.template

    def value(self) -> dict[str, Any]:
        """The answer as the domain takes it."""
        raise NotImplementedError

    def kept(self) -> dict[str, Any]:
        """What was entered of the answer so far, to be shown again."""
        times = set(AnswerForm.base_fields)
        return {name: self[name].value() for name in self.fields if name not in times}

    def first_id(self, field: str) -> str:
        """Where a link to an error of this field leads."""
        return f"id_{field}"

    def faults(self) -> Iterator[tuple[str, str]]:
        """(where a link leads, the error) of everything that is wrong; "" leads nowhere."""
        for field, errors in self.errors.items():
            for error in errors:
                yield "" if field == "__all__" else self.first_id(field), str(error)
