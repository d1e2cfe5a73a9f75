"""The WSGI application."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coop.settings")


class Utf8Request(WSGIRequest):
    """Reads in UTF-8 whatever charset its Content-Type names: `coop.doors.unreadable` refuses the others, in an answer of ours.

    Django decodes the query with that charset while it makes the request, where an odd one (or too many parameters) is nobody's to catch.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # a parameter in an encoding that there is not
            self.content_type, self.content_params = "", {"charset": "unreadable"}


class Application(WSGIHandler):
    """Django's, with requests that are read in UTF-8."""

    request_class = Utf8Request


django.setup(set_prefix=False)
application = Application()
