"""Every endpoint of /api/v1/, by family."""

from django.urls import include, path

FAMILIES = [
    "index",
    "accounts",
    "notices",
    "rules",
    "work",
    "times",
    "projects",
    "results",
    "orders",
    "governance",
    "money",
    "versions",
    "rails",
    "commons",
    "log",
]

app_name = "api"
urlpatterns = [path("", include(f"api.{family}")) for family in FAMILIES]
