"""People, memberships, offices and applications."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coop.ground.locks import held_for_share
from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.actors import ActingMember, Person

COUNTRY = RegexValidator(r"\A[A-Z]{2}\Z", _("Give the country as two capital letters, such as MG or SN."))


class UserManager(BaseUserManager["User"]):
    """Makes people by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person with this address; without a password nobody can log in as them."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(Dated, AbstractBaseUser, PermissionsMixin):
    """A person with an account. An account gives no power: membership and offices do."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    simulated = models.BooleanField(default=False)
    log_pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    joined_at = models.DateTimeField(db_default=Now())

    WALL = frozenset({"joined_at", "last_login"})
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def actor(self) -> Person:
        """This person, acting with nothing but an account."""
        return Person(self)

    def actor_on(self, moment: datetime) -> Person | ActingMember:
        """This person as who they are at `moment`: the member while a membership runs, with nothing but an account otherwise."""
        member = Member.objects.of(self).on(moment).select_related("user").first()
        return member.actor if member else self.actor


class College(models.TextChoices):
    PRODUCER = "producer", _("producers")
    USER = "user", _("non-profit users")
    SUPPORT = "support", _("supporters")


class Engagement(models.TextChoices):
    EMPLOYEE = "employee", _("employee")
    WORKER_MEMBER = "worker_member", _("worker-member")
    SELF_EMPLOYED = "self_employed", _("self-employed")
    UNKNOWN = "unknown", _("not yet known")


class MemberQuerySet(models.QuerySet["Member"]):
    def on(self, moment: datetime) -> MemberQuerySet:
        """Those who were members at `moment`."""
        return self.filter(admitted_at__lte=moment).filter(Q(ended_at__isnull=True) | Q(ended_at__gt=moment))

    def of(self, user: Any) -> MemberQuerySet:
        """The memberships of this person."""
        return self.filter(user=user)

    def is_member_for_share(self, pk: uuid.UUID, moment: datetime) -> bool:
        """Whether the membership runs. It is held FOR SHARE: it can't end before the transaction does.

        An end that is recorded is an end, even where `moment` was read before it.
        """
        return held_for_share(
            "SELECT 1 FROM members_member WHERE id = %s AND admitted_at <= %s AND ended_at IS NULL FOR SHARE",
            [pk, moment],
        )


class Member(Dated):
    """A membership: from `admitted_at` (in) to `ended_at` (out); None is still running."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    name = models.CharField(_("name"), max_length=120)
    college = models.CharField(_("college"), max_length=12, choices=College)
    country = models.CharField(_("country"), max_length=2, validators=[COUNTRY])
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list)
    engagement = models.CharField(_("engagement status"), max_length=16, choices=Engagement, default=Engagement.UNKNOWN)
    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in the books and on statements
    log_pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in the log and in proposals
    simulated = models.BooleanField(default=False)
    decision = models.UUIDField(null=True, blank=True)
    admitted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="member_one_live_membership_per_person"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("admitted_at")),
                name="member_ends_after_admission",
            ),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="member_country_is_two_letters"),
            models.CheckConstraint(condition=Q(college__in=College.values), name="member_college_is_known"),
            models.CheckConstraint(condition=Q(engagement__in=Engagement.values), name="member_engagement_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="member_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> ActingMember:
        """This member, acting as a member."""
        return ActingMember(self)

    def is_member_on(self, moment: datetime) -> bool:
        """Whether the membership runs at `moment`."""
        return self.admitted_at <= moment and (self.ended_at is None or moment < self.ended_at)

    def holds(self, kind: str, moment: datetime) -> bool:
        """Whether this member, as the database has them now, holds the office `kind` at `moment`."""
        return Office.objects.on(moment).filter(member=self, member__in=Member.objects.on(moment), kind=kind).exists()

    def holds_for_share(self, kind: str, moment: datetime) -> bool:
        """Whether this member holds the office `kind`: at `moment`, and still by the co-operative's clock.

        The term and the membership are held FOR SHARE: neither can be ended before the transaction ends.
        """
        return held_for_share(
            "SELECT 1 FROM members_office o JOIN members_member m ON m.id = o.member_id"
            " WHERE m.id = %s AND o.kind = %s AND m.admitted_at <= %s AND m.ended_at IS NULL"
            " AND o.starts_at <= %s AND o.ends_at > greatest(%s, coop_now()) FOR SHARE",
            [self.pk, kind, moment, moment, moment],
        )

    def full_years_on(self, moment: datetime) -> int:
        """Completed years of membership at `moment`, by anniversary."""
        years = moment.year - self.admitted_at.year
        before = (moment.month, moment.day) < (self.admitted_at.month, self.admitted_at.day)
        return max(0, years - before)


class OfficeKind(models.TextChoices):
    STEWARD = "steward", _("steward")
    TREASURER = "treasurer", _("treasurer")


class OfficeQuerySet(models.QuerySet["Office"]):
    def on(self, moment: datetime) -> OfficeQuerySet:
        """Terms that run at `moment`."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)


class Office(models.Model):
    """A term of office, given by genesis or by a decision; it gives duties, never the power to change a rule or a posted entry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="offices")
    kind = models.CharField(max_length=16, choices=OfficeKind)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    decision = models.UUIDField(null=True, blank=True)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="office_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(kind__in=OfficeKind.values), name="office_kind_is_known"),
            ExclusionConstraint(
                name="office_terms_of_a_member_do_not_overlap",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.kind})"


class ApplicationQuerySet(models.QuerySet["Application"]):
    def waiting(self) -> ApplicationQuerySet:
        """Those that nobody has decided yet."""
        return self.filter(outcome="")

    def of(self, user: Any) -> ApplicationQuerySet:
        """What this person has asked."""
        return self.filter(user=user)


class Application(Dated):
    """Somebody asks to become a member; the assembly decides."""

    class Outcome(models.TextChoices):
        ADMITTED = "admitted", _("admitted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    GRAPHS: ClassVar[Mapping[str, Graph]] = {
        "outcome": Graph(
            begins={"": ("applied_at",)},
            moves={
                "": {
                    Outcome.ADMITTED: ("decided_at",),
                    Outcome.DECLINED: ("decided_at",),
                    Outcome.WITHDRAWN: ("decided_at",),
                }
            },
            ends=frozenset({Outcome.ADMITTED, Outcome.DECLINED, Outcome.WITHDRAWN}),
            names={"": "waiting"},
        )
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="applications")
    name = models.CharField(_("name"), max_length=120)
    college = models.CharField(_("college"), max_length=12, choices=College)
    country = models.CharField(_("country"), max_length=2, validators=[COUNTRY])
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list)
    engagement = models.CharField(_("engagement status"), max_length=16, choices=Engagement, default=Engagement.UNKNOWN)
    statement = models.TextField(_("why you want to join"), blank=True, max_length=4000)
    simulated = models.BooleanField(default=False)
    applied_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.UUIDField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(outcome=""), name="application_one_open_per_person"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="application_decided_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="application_country_is_two_letters"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.applied_at:%Y-%m-%d})"
