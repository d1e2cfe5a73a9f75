from django.apps import AppConfig


class CommonsConfig(AppConfig):
    name = "coop.commons"
    label = "commons"
    verbose_name = "Commons"
    default_auto_field = "django.db.models.BigAutoField"
