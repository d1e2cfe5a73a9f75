from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "coop.notices"
    label = "notices"
    verbose_name = "Notices"
    default_auto_field = "django.db.models.BigAutoField"
