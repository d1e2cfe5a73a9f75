"""Every page, by family."""

from django.urls import include, path

FAMILIES = [
    "home",
    "accounts",
    "notices",
    "rules",
    "work",
    "times",
    "projects",
    "orders",
    "governance",
    "money",
    "treasury",
    "adjustments",
    "rails",
    "commons",
    "log",
]

urlpatterns = [path("", include(f"frontend.views.{family}")) for family in FAMILIES]
