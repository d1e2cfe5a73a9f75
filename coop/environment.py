"""Reading settings from the environment: each bad value is named with its variable and type."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The value of `name`, or `default`. ImproperlyConfigured where neither exists."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set: it takes a text.")
    return default


def address(name: str, default: str | None = None) -> str:
    """The address of a site, without a slash at the end."""
    value = text(name, default).rstrip("/")
    if not value.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name} is {value!r}: it takes the address of a site, https://coop.example.")
    return value


def flag(name: str, default: bool) -> bool:
    """1 or 0."""
    value = text(name, "1" if default else "0")
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} is {value!r}: it takes 1 (yes) or 0 (no).")
    return value == "1"


def whole(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}: it takes a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    """Texts separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def key32(name: str, default: str | None = None) -> bytes:
    """A key of 32 bytes written as 64 hexadecimal digits."""
    value = text(name, default)
    try:
        key = bytes.fromhex(value)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} is not a key: it takes 64 hexadecimal digits (32 bytes).")
    return key


def database(name: str, url: str) -> dict[str, object]:
    """Django's database settings for postgresql://role:password@host:port/name?host=/socket. The socket folder may be in the query."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} is not an address of a PostgreSQL database: it takes postgresql://role:password@host:port/name."
        )
    host = query.pop("host", "") or unquote(parts.hostname or "")
    try:
        port = str(parts.port or "")
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} has a port that it can't have: it takes postgresql://role:password@host:5432/name."
        ) from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port or query.pop("port", ""),
        "OPTIONS": dict(query),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def broker(name: str, url: str) -> tuple[str, dict[str, object]]:
    """Celery's broker address and transport options: RabbitMQ, by TLS or not, and for tests this process itself."""
    scheme, _, rest = url.partition("://")
    if scheme not in ("amqp", "amqps", "memory") or (not rest and scheme != "memory"):
        raise ImproperlyConfigured(
            f"{name} is not an address of a message broker: it takes amqp://user:password@host/."
        )
    return url, {} if scheme == "memory" else {"confirm_publish": True}
