"""What holds for every page that a test of the pages asks for."""

import pytest
from django.test import Client

SAYS_WHY = ('class="error-summary"', 'class="notice bad"', 'class="message bad"', 'class="errorlist"')


@pytest.fixture(autouse=True)
def a_page_that_refuses_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page with the status 422 shows a reason: what is typed in vain is never met with silence."""
    asked = Client.request

    def checked(self, **request):
        answer = asked(self, **request)
        if answer.status_code == 422 and answer["Content-Type"].startswith("text/html"):
            assert any(mark in answer.content.decode() for mark in SAYS_WHY), (
                f"{request['PATH_INFO']} refuses, and says not why"
            )
        return answer

    monkeypatch.setattr(Client, "request", checked)
