"""Pages of a person: the account, personal tokens, applying, the membership."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_safe


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who you are here, and what you can change."""
    return render(request, "accounts/account.html")


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", account, name="account"),
]
