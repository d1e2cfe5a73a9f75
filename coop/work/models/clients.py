"""Requesters: the organisations that order work, and the people who act for them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from coop.members.models import COUNTRY, User


class ClientQuerySet(models.QuerySet["Client"]):
    def of(self, user: Any) -> ClientQuerySet:
        """Those this person may act for or look at."""
        return self.filter(people__user=user) if user.is_authenticated else self.none()

    def ordering_for(self, user: Any) -> ClientQuerySet:
        """Those this person may order for."""
        return (
            self.filter(people__user=user, people__role__in=["owner", "editor"])
            if user.is_authenticated
            else self.none()
        )


class Client(models.Model):
    """An organisation that orders work. `subcontract_chain` names the firms between the one the work is for and this one."""

    class Kind(models.TextChoices):
        RESEARCH = "research", _("research")
        NGO = "ngo", _("association or NGO")
        COMPANY = "company", _("company")
        PUBLIC = "public", _("public body")
        COOP = "coop", _("co-operative")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legal_name = models.CharField(_("legal name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, validators=[COUNTRY])
    kind = models.CharField(_("kind of organisation"), max_length=12, choices=Kind)
    vat_id = models.CharField(_("VAT number"), max_length=20, blank=True)
    contact = models.EmailField(_("contact address"))
    beneficial_client = models.CharField(_("on whose behalf you order"), max_length=200, blank=True)
    subcontract_chain = ArrayField(
        models.CharField(max_length=200), verbose_name=_("firms between them and you"), default=list, blank=True
    )
    registered_at = models.DateTimeField()

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(legal_name=""), name="client_has_a_legal_name"),
            models.CheckConstraint(condition=~Q(contact=""), name="client_can_be_reached"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="client_country_is_two_letters"),
            models.CheckConstraint(
                condition=Q(kind__in=["research", "ngo", "company", "public", "coop"]), name="client_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(subcontract_chain=[]) | ~Q(beneficial_client=""),
                name="client_with_a_chain_says_on_whose_behalf",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name


class ClientUser(models.Model):
    """What a person may do for a client: an owner and an editor order and see, a viewer sees."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        EDITOR = "editor", _("editor")
        VIEWER = "viewer", _("viewer")

    client = models.ForeignKey(Client, models.PROTECT, related_name="people")
    user = models.ForeignKey(User, models.PROTECT, related_name="client_roles")
    role = models.CharField(_("role"), max_length=8, choices=Role)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "user"], name="client_user_has_one_role"),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "editor", "viewer"]), name="client_user_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
