from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "coop.work"
    label = "work"
    verbose_name = "Work market"
    default_auto_field = "django.db.models.BigAutoField"
