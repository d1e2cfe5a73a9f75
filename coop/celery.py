"""The Celery application: thin tasks over idempotent actions, swept by beat."""

import os
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.db import transaction
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coop.settings")
TRANSPORT_ALIASES["pgmq"] = "coop.embedded.transport:Transport"


class SweptTask(DjangoTask):
    """A task whose work lies in rows. A message that can't be published is logged, and the sweep does the work later."""

    abstract = True

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Publish after the commit. What was committed is never answered with an error because the broker is away."""

        def publish() -> None:
            self.delay(*args, **kwargs)

        transaction.on_commit(publish, robust=True)


app = Celery("canut", task_cls=SweptTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
