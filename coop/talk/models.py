"""Threads and posts: where people talk about one thing."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from coop.members.models import Member


class Thread(models.Model):
    """A conversation about one thing, named by `subject` ("proposal:<uuid>", "project:<uuid>")."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=120, unique=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(subject=""), name="thread_is_about_something")]

    def __str__(self) -> str:
        return self.subject


class PostQuerySet(models.QuerySet["Post"]):
    def in_order(self) -> PostQuerySet:
        """First said, first read."""
        return self.select_related("author").order_by("id")


class Post(models.Model):
    """What a member said in a thread. Append-only."""

    id = models.BigAutoField(primary_key=True)
    thread = models.ForeignKey(Thread, models.PROTECT, related_name="posts")
    author = models.ForeignKey(Member, models.PROTECT, related_name="posts")
    body = models.TextField(max_length=4000)
    posted_at = models.DateTimeField()

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["thread", "id"], name="talk_post_of_thread")]  # a thread read in order
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="post_says_something")]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"
