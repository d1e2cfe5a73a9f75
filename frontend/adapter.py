"""What we add to how accounts are made."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from coop.members.models import User


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Whoever signs up on a French page is written to in French."""

    def new_user(self, request: HttpRequest) -> User:
        """A person who is about to be known, in the language of the page."""
        user: User = super().new_user(request)
        language = (get_language() or "").split("-")[0]
        user.language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        return user
