"""Long lists come in pages, by cursor: nothing is missed or seen twice while rows are added."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db import DataError
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """`?cursor=…&page_size=…` (at most 200). The order is the view's `ordering`, else newest key first."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-pk"

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """The view's own order, as field names that end in something unique."""
        ordering = getattr(view, "ordering", None) or self.ordering
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """One page. A cursor that is not one of ours, or names a place that this list can't have, is bad input, named."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValueError, DataError, Invalid) as wrong:
            if self.cursor_query_param not in request.query_params:
                raise
            said = _("This cursor is not valid; begin again without it.")
            raise ValidationError({self.cursor_query_param: [said]}) from wrong
