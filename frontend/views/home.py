"""The first page: what there is to do, for whoever comes."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from coop.doors.requests import CoopRequest
from frontend.next_steps import next_things


@require_safe
def home(request: CoopRequest) -> HttpResponse:
    """A visitor reads what this is; everyone else sees the next things to do."""
    if not request.user.is_authenticated:
        return render(request, "home/visitor.html")
    return render(request, "home/home.html", {"things": next_things(request)})


urlpatterns = [path("", home, name="home")]
