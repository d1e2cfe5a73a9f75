"""The Celery application: thin tasks over idempotent actions, swept by beat."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coop.settings")

app = Celery("canut")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
