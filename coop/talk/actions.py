"""Opening a thread and speaking in it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.talk.models import Post, Thread

LONGEST_POST = 4000


@transaction.atomic
def open_thread(*, subject: str, now: datetime) -> Thread:
    """The thread about `subject`; doing it twice changes nothing."""
    thread, _created = Thread.objects.get_or_create(subject=subject, defaults={"opened_at": now})
    return thread


@transaction.atomic
def post(*, thread: Thread, body: str, by: Actor, now: datetime) -> Post:
    """Say something in a thread. Refused `not_a_member`, `post_empty`, `post_too_long`."""
    body = body.strip()
    author = member_behind(by)
    if not Member.objects.is_member_for_share(author.pk, now):
        raise Refused(_("Only members take part in this conversation."), code="not_a_member")
    now = author.not_before(now)
    if not body:
        raise Refused(_("Write something first."), code="post_empty", field="body")
    if len(body) > LONGEST_POST:
        raise Refused(
            _("This is longer than %(limit)s characters.") % {"limit": LONGEST_POST}, code="post_too_long", field="body"
        )
    return Post.objects.create(thread=thread, author=author, body=body, posted_at=now)
