#!/usr/bin/env python
"""Django's command line for Canut."""

import os
import sys

if __name__ == "__main__" and sys.argv[1:2] == ["consensus"]:
    # It reads nothing but its file: whoever has no database, no keys and no environment can run it.
    from django.conf import settings

    from coop.work.management.commands.consensus import Command

    settings.configure()
    Command().run_from_argv(sys.argv)
elif __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coop.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
