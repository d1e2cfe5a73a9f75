"""Pages of a person: the account, personal tokens, applying, the membership."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.idp.oidc.models import Token
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from coop.doors.actions import PERSONAL_CLIENT, make_personal_token, revoke_personal_token
from coop.doors.requests import CoopRequest, MemberRequest, PersonRequest
from coop.doors.scopes import SCOPES
from coop.ground.clock import coop_now
from coop.members.actions import apply, choose_language, describe_membership, withdraw_application
from coop.members.models import Application, Member
from frontend.forms.accounts import ApplicationForm, DescriptionForm, TokenForm
from frontend.navigation import member_required, offices_of
from frontend.refusals import refusals_in, refusals_told

MADE = "new-token"
SECONDS_TO_SHOW = 60


@login_required
@require_safe
def account(request: PersonRequest) -> HttpResponse:
    """Who you are here, and what you can change."""
    context = {
        "mfa": is_mfa_enabled(request.user),
        "offices": sorted(offices_of(request)),
        "past": Member.objects.of(request.user).filter(ended_at__isnull=False),
        "tokens": _tokens(request).count(),
    }
    return render(request, "accounts/account.html", context)


@require_POST
def speak(request: CoopRequest) -> HttpResponse:
    """Change the language of the pages, and of the mails to whoever is logged in."""
    if request.user.is_authenticated:
        with refusals_told(request):
            choose_language(language=request.POST.get("language", ""), by=request.user.actor, now=coop_now())
    return set_language(request)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def membership(request: MemberRequest) -> HttpResponse:
    """Change what the membership says about its member."""
    member = request.member
    kept = {name: getattr(member, name) for name in ("name", "country", "languages", "engagement")}
    form = DescriptionForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        describe_membership(member=member, by=request.actor, now=coop_now(), **form.cleaned_data)
        messages.success(request, _("Your membership was changed."))
        return redirect("account")
    return render(request, "accounts/membership.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: PersonRequest) -> HttpResponse:
    """Ask to become a member, or see how the application stands."""
    mine = Application.objects.of(request.user).order_by("-applied_at")
    form = ApplicationForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            apply(by=request.actor, now=coop_now(), **form.cleaned_data)
            messages.success(request, _("Your application was received. The members will vote on it."))
            return redirect("apply")
    context = {"form": form, "applications": mine, "waiting": mine.filter(outcome="").first()}
    return render(request, "accounts/apply.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def withdraw(request: PersonRequest, application_id: str) -> HttpResponse:
    """Take an application back."""
    application = get_object_or_404(Application.objects.of(request.user), pk=application_id)
    with refusals_told(request):
        withdraw_application(application=application, by=request.actor, now=coop_now())
        messages.success(request, _("Your application was taken back."))
    return redirect("apply")


@member_required
@require_safe
def applications(request: MemberRequest) -> HttpResponse:
    """Who asks to join, for the members."""
    waiting = Application.objects.waiting().order_by("applied_at")
    return render(request, "accounts/applications.html", {"waiting": waiting})


@never_cache
@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: PersonRequest) -> HttpResponse:
    """Personal tokens: make one (its value is shown once), see those that live."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            _token, value = make_personal_token(by=request.actor, **form.cleaned_data)
            return _to_show_once(request, value)
    made = _made_just_now(request) if request.method == "GET" else ""
    context = {"form": form, "value": made, "tokens": [(one, _may(one)) for one in _tokens(request)]}
    page = render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)
    if made:
        page.delete_cookie(MADE, path=reverse("tokens"), samesite="Strict")
    return page


def _to_show_once(request: PersonRequest, value: str) -> HttpResponse:
    """On to the page, with the value of the new token in a cookie for it alone: a reload makes no second one, and we store none."""
    answer = redirect("tokens")
    answer.set_signed_cookie(
        MADE,
        value,
        salt=_of_whom(request),
        max_age=SECONDS_TO_SHOW,
        path=reverse("tokens"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _made_just_now(request: PersonRequest) -> str:
    """The value of the token that this person has just made here; "" where there is none, or somebody else put the cookie there."""
    return str(request.get_signed_cookie(MADE, "", salt=_of_whom(request), max_age=SECONDS_TO_SHOW))


def _may(token: Token) -> str:
    """What it may be used for, in words."""
    return " ".join(str(SCOPES.get(scope, scope)) for scope in token.get_scopes())


def _of_whom(request: PersonRequest) -> str:
    return f"personal token of {request.user.pk}"


@login_required
@require_POST
def revoke(request: PersonRequest, token_id: str) -> HttpResponse:
    """End one of one's own tokens."""
    token = get_object_or_404(_tokens(request), data__personal=str(token_id))
    revoke_personal_token(by=request.actor, token=token)
    messages.success(request, _("The token was revoked: it no longer works."))
    return redirect("tokens")


def _tokens(request: PersonRequest) -> Any:
    return Token.objects.valid().filter(user_id=request.user.pk, client_id=PERSONAL_CLIENT).order_by("-created_at")


urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/setlang/", speak, name="set_language"),
    path("account/", account, name="account"),
    path("account/membership/", membership, name="membership"),
    path("account/tokens/", tokens, name="tokens"),
    path("account/tokens/<uuid:token_id>/revoke/", revoke, name="revoke-token"),
    path("apply/", join, name="apply"),
    path("apply/<uuid:application_id>/withdraw/", withdraw, name="withdraw-application"),
    path("applications/", applications, name="applications"),
]
