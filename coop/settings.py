"""Settings of Canut. The environment decides; the README lists every variable.

`CANUT_SANDBOX=1` is for demonstrations and tests: development keys, simulated people, a clock that can be moved. Without it every key must be given.
"""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from coop import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
SANDBOX = env.flag("CANUT_SANDBOX", False)
DEBUG = env.flag("CANUT_DEBUG", False)


def _sandbox_only(value: str) -> str | None:
    """A default that exists in the sandbox alone: production must name its own."""
    return value if SANDBOX else None


COOP_NAME = env.text("CANUT_NAME", "Canut")
SITE_URL = env.address("CANUT_SITE_URL", _sandbox_only("http://127.0.0.1:8000"))
HTTPS = SITE_URL.startswith("https://")
SECRET_KEY = env.text("CANUT_SECRET_KEY", _sandbox_only("sandbox-only-" * 5))
ALLOWED_HOSTS = env.words("CANUT_HOSTS", "127.0.0.1,localhost" if SANDBOX else "")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []

# Keys: the log's signing seed (Ed25519), the key of members' rail details (AES-256-GCM), the OAuth signing key (PEM).
LOG_KEY = env.key32("CANUT_LOG_KEY", _sandbox_only("01" * 32))
DETAILS_KEY = env.key32("CANUT_DETAILS_KEY", _sandbox_only("02" * 32))
IDP_OIDC_PRIVATE_KEY = env.text("CANUT_OIDC_KEY", "")

# -- what is installed

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.idp.oidc",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "coop",
    "coop.audit",
    "coop.rules",
    "coop.members",
    "coop.talk",
    "coop.notices",
    "coop.work",
    "coop.commons",
    "payouts.ledger",
    "payouts",
    "governance",
    "api",
    "frontend",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # what every answer carries, a refusal too
    "api.middleware.ApiHeaders",
    "frontend.middleware.says_what_may_load",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # before whoever reads a cookie or a form
    "coop.doors.unreadable.reads_what_can_be_kept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "coop.doors.middleware.knows_the_member",
    "frontend.middleware.leaves_nobody_before_an_empty_page",
]

ROOT_URLCONF = "coop.urls"
WSGI_APPLICATION = "coop.wsgi.application"
FORM_RENDERER = "frontend.renderer.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            BASE_DIR / "frontend" / "templates",
            BASE_DIR / "frontend",
        ],  # the second: a kind's page beside its code
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "frontend.context.page",
            ],
        },
    },
]

# -- the database: two roles of one PostgreSQL

# The embedded server is asked for by name, never assumed; here its address is only reckoned, the scripts start it.
EMBEDDED = env.flag("CANUT_EMBEDDED", False)
_embedded: dict[str, str] = {}
if EMBEDDED:
    from coop.embedded import cluster

    _embedded = cluster.urls(cluster.home(os.environ))
DATABASES = {"default": env.database("DATABASE_URL", env.text("DATABASE_URL", _embedded.get("DATABASE_URL")))}
_owner_url = env.text("DATABASE_OWNER_URL", _embedded.get("DATABASE_OWNER_URL", ""))
if _owner_url:
    DATABASES["owner"] = env.database("DATABASE_OWNER_URL", _owner_url) | {"CONN_MAX_AGE": 0}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}

# -- people

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "frontend.adapter.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{COOP_NAME}] "
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
MFA_TOTP_ISSUER = COOP_NAME
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
HEADLESS_CLIENTS = ("app", "browser")
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_SPECIFICATION_TEMPLATE_NAME = None
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{SITE_URL}/accounts/confirm-email/{{key}}/",
    "account_reset_password_from_key": f"{SITE_URL}/accounts/password/reset/key/{{key}}/",
    "account_signup": f"{SITE_URL}/accounts/signup/",
}

# -- the API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.BearerToken",
        "api.authentication.SessionToken",
        "api.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.ByCaller"],
    "DEFAULT_THROTTLE_RATES": {
        "person": env.text("CANUT_RATE_PERSON", "1200/m"),
        "visitor": env.text("CANUT_RATE_VISITOR", "300/m"),
    },
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Cursor",
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "api.problems.answer_to",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{COOP_NAME} API",
    "DESCRIPTION": "Everything that the pages do, for programs. Errors are problem details (RFC 9457); lists come by cursor.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "EventState": "payouts.models.inbox.InboxEvent.State",
        "PaymentState": "payouts.models.items.PayoutItem.State",
        "ClientKind": "coop.work.models.clients.Client.Kind",
        "TimeKind": "coop.work.models.assignments.TimeEntry.Kind",
        "TimeSource": "coop.work.models.assignments.TimeEntry.Source",
        "AssignmentState": "coop.work.models.assignments.Assignment.State",
        "ProjectStatus": "coop.work.models.projects.Project.Status",
        "ApplicationOutcome": "coop.members.models.Application.Outcome",
        "OrderMethod": "payouts.models.orders.Order.Method",
        "OrderState": "payouts.models.orders.Order.State",
        "PeriodState": "payouts.sharing.models.Period.State",
        "RunState": "payouts.sharing.models.PayoutRun.State",
        "ProposalState": "governance.models.State",
        "AccessOutcome": "coop.commons.models.access.AccessRequest.Outcome",
        "Sector": "coop.commons.screen.SECTORS.items",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.add_problems",
    ],
}

# -- mail

EMAIL_BACKEND = env.text("CANUT_EMAIL_BACKEND", _sandbox_only("django.core.mail.backends.filebased.EmailBackend"))
EMAIL_FILE_PATH = str(BASE_DIR / "var" / "mail")
EMAIL_HOST = env.text("CANUT_EMAIL_HOST", "localhost")
EMAIL_PORT = env.whole("CANUT_EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("CANUT_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("CANUT_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("CANUT_EMAIL_TLS", False)
EMAIL_TIMEOUT = 10  # seconds until a mail server that says nothing is left alone
DEFAULT_FROM_EMAIL = env.text("CANUT_EMAIL_FROM", "coop@localhost")

# -- money

# What a requester who pays by bank transfer is told: holder, IBAN, BIC.
BANK_DETAILS = env.text(
    "CANUT_BANK_DETAILS", "Sandbox only, send nothing: FR76 0000 0000 0000 0000 0000 000" if SANDBOX else ""
)
STRIPE_KEY = env.text("STRIPE_KEY", "")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")
STRIPE_LIVE = env.flag("STRIPE_LIVE", False)

# -- background work

_broker = env.text("BROKER_URL", _embedded.get("BROKER_URL", _sandbox_only("memory://")))
if _broker.startswith("pgmq://"):
    from coop.embedded import queue

    CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = queue.transport(_broker)
else:
    CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = env.broker("BROKER_URL", _broker)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"


def _every(seconds: int, task: str) -> dict[str, object]:
    """A sweep at this pace; one that waited for twice that is dropped unread, for a younger one does its work."""
    return {"task": task, "schedule": seconds, "options": {"expires": 2 * seconds}}


CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "heartbeat": _every(5, "coop.tasks.beat_heart"),
    "seal_log": _every(5, "coop.audit.tasks.seal_log"),
    "letters": _every(10, "coop.notices.tasks.send_letters"),
    "leases": _every(10, "coop.work.tasks.sweep_leases"),
    "time": _every(30, "coop.work.tasks.sweep_time"),
    "consensus": _every(5, "coop.work.tasks.update_consensus"),
    "proposals": _every(5, "governance.tasks.advance_proposals"),
    "periods": _every(5, "payouts.tasks.advance_periods"),
    "runs": _every(5, "payouts.tasks.advance_runs"),
    "chain_ledger": _every(30, "payouts.tasks.chain_ledger"),
    "invariants": _every(3600, "payouts.tasks.check_invariants"),
    "access_requests": _every(5, "governance.tasks.advance_requests"),
    "inbox": _every(3, "payouts.tasks.handle_inbox"),
    "poll_events": _every(60, "payouts.tasks.poll_events"),
    "refunds": _every(10, "payouts.tasks.send_refunds"),
    "payouts": _every(5, "payouts.tasks.send_payouts"),
}

# -- languages, time, files

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "frontend" / "locale"]
FORMAT_MODULE_PATH = ["frontend.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if SANDBOX
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = SANDBOX

# -- security

SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "frontend.views.errors.csrf_failed"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.text("CANUT_LOG_LEVEL", "WARNING")},
}
