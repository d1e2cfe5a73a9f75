from django.apps import AppConfig


class TalkConfig(AppConfig):
    name = "coop.talk"
    label = "talk"
    verbose_name = "Threads"
    default_auto_field = "django.db.models.BigAutoField"
