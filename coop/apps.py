from django.apps import AppConfig


class CoopConfig(AppConfig):
    name = "coop"
    label = "coop"
    verbose_name = "Co-operative"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the Celery application, so that tasks declared with shared_task find it."""
        import coop.celery  # noqa: F401, PLC0415 (Django has to be ready)
