"""Many workers at once, and what is committed while the mail server is asked."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from coop.notices import letters
from coop.notices.models import Letter, Notice
from tests import make
from tests.coop.notices.scenarios import decided, sweep

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.mark.at_once
def test_many_workers_at_once_send_each_letter_once(mail_server):
    for number in range(5):
        decided(make.user(f"person-{number}"))

    def work(_n):
        try:
            return sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    sweep()

    assert sorted(to for to, _mail in mail_server.taken) == [f"person-{n}@example.org" for n in range(5)]
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}
    assert not Notice.objects.to_mail().exists()


def test_a_letter_is_written_down_as_being_sent_before_the_server_is_asked_and_no_transaction_is_open(
    mail_server, monkeypatch
):
    decided()
    seen = []
    given = letters.hand_over

    def watched(message):
        seen.append((connection.in_atomic_block, Letter.objects.get().state))
        return given(message)

    monkeypatch.setattr(letters, "hand_over", watched)

    sweep()

    assert seen == [(False, "sending")]
