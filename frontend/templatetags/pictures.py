"""`{% load pictures %}`: the pictures of frontend.pictures, for templates. Rows are built in the view."""

from __future__ import annotations

from django import template

from frontend import pictures

register = template.Library()

register.simple_tag(pictures.bars, name="bars")
register.simple_tag(pictures.waterfall, name="waterfall")
register.simple_tag(pictures.stacked, name="stacked")
register.simple_tag(pictures.distribution, name="distribution")
