"""`{% stackable %}…{% endstackable %}`: every table of what stands between them can be read on a phone (`frontend.tables`).

`base.html` has it around the content of every page: no template has to remember it.
"""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.utils.safestring import SafeString, mark_safe

from frontend.tables import stackable

register = template.Library()


class StackableNode(template.Node):
    """What stands between the tags, with its tables made stackable."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        return mark_safe(stackable(self.nodelist.render(context)))  # noqa: S308  # rendered and escaped already


@register.tag(name="stackable")
def stackable_tag(parser: Parser, _token: Token) -> StackableNode:
    """The block tag."""
    nodelist = parser.parse(("endstackable",))
    parser.delete_first_token()
    return StackableNode(nodelist)
