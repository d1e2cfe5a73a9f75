"""The map of the site."""

from django.urls import include, path, re_path

from coop import health
from coop.doors.answers import not_offered

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    re_path(r"^_allauth/(?:app|browser)/v1/(?:account|auth)/phone", not_offered),  # nobody is asked for a number there
    path("_allauth/", include("allauth.headless.urls")),
    path("", include("allauth.idp.urls")),
    path("health/", health.health, name="health"),
    path("health/web/", health.health_web, name="health_web"),
    path("api/", include("api.root")),
    path("webhooks/", include("api.webhooks")),
    path("", include("frontend.urls")),
]

handler400 = "frontend.views.errors.bad_request"
handler403 = "frontend.views.errors.forbidden"
handler404 = "frontend.views.errors.not_found"
handler429 = "frontend.views.errors.too_many"
handler500 = "frontend.views.errors.failed"
