"""`manage.py fold`: write each app's two migrations anew, from its models and its laws. For developers, until the first tag."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

OURS = {"coop", "payouts", "governance", "api", "frontend"}
TABLES = "0001_tables"
LAWS = "0002_laws"

Table = type[models.Model]


class Command(BaseCommand):
    help = (
        "Write 0001_tables and 0002_laws of every app anew, from its models and its laws/*.sql. No database is asked."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if something would change")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = folded()
        stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
        left_over = [path for app in our_apps() for path in _folder(app).glob("[0-9]*.py") if path not in wanted]
        if options["check"]:
            if stale or left_over:
                names = "\n".join(_name(path) for path in [*stale, *left_over])
                raise CommandError(f"Not what the models and laws say (run `manage.py fold`):\n{names}")
            return
        for path in stale:
            path.parent.mkdir(exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(wanted[path], "utf-8")
            self.stdout.write(f"written  {_name(path)}")
        for path in left_over:
            path.unlink()
            self.stdout.write(f"folded   {_name(path)}")


def our_apps() -> list[AppConfig]:
    """Our apps that have tables, from the bottom up: the order of INSTALLED_APPS."""
    return [app for app in apps.get_app_configs() if app.name.split(".")[0] in OURS and any(app.get_models())]


def law_files(app: AppConfig) -> list[Path]:
    """The files that state the laws of this app, in the order in which they are run."""
    return sorted(Path(app.path, "laws").glob("*.sql"))


def folded() -> dict[Path, str]:
    """What the migrations have to say: {file: its text}."""
    theirs = dict(_TheirMigrations(None).graph.leaf_nodes())
    texts: dict[Path, str] = {}
    beneath: AppConfig | None = None
    for app in our_apps():
        texts[_folder(app) / f"{TABLES}.py"] = _text_of_tables(app, theirs)
        texts[_folder(app) / f"{LAWS}.py"] = _text_of_laws(app, beneath)
        beneath = app
    return _formatted(texts)


def _name(path: Path) -> str:
    return os.path.relpath(path, settings.BASE_DIR)


def _folder(app: AppConfig) -> Path:
    return Path(app.path, "migrations")


class _TheirMigrations(MigrationLoader):
    """The migrations of other people's apps; ours are not looked at, in whatever state they are."""

    @classmethod
    def migrations_module(cls, app_label: str) -> tuple[str | None, bool]:
        if app_label in {app.label for app in our_apps()}:
            return None, True
        module, explicit = super().migrations_module(app_label)
        return module, explicit


# -- 0001_tables


def _text_of_tables(app: AppConfig, theirs: dict[str, str]) -> str:
    """The migration that makes every table of the app; `theirs` names the last migration of each foreign app."""
    stated = {
        "initial": True,
        "dependencies": _dependencies(app, theirs),
        "operations": _creations(list(app.get_models())),
    }
    migration = type("Migration", (Migration,), stated)(TABLES, app.label)
    words = f'"""The tables of {app.label}, as its models state them. Written by `manage.py fold`."""\n\n'
    return words + MigrationWriter(migration, include_header=False).as_string()


def _dependencies(app: AppConfig, theirs: dict[str, str]) -> list[Any]:
    found: dict[Any, None] = {}
    for other in sorted({other._meta.label for model in app.get_models() for other in _refers_to(model)}):
        label = apps.get_model(other)._meta.app_label
        if label != app.label and other == settings.AUTH_USER_MODEL:
            found[migrations.swappable_dependency(settings.AUTH_USER_MODEL)] = None
        elif label != app.label:
            found[label, theirs.get(label, TABLES)] = None
    return list(found)


def _creations(waiting: list[Table]) -> list[Operation]:
    """Each table whole, after those it refers to. In a circle, references that may be empty come last, and all constraints with them."""
    made: list[Operation] = []
    last: list[Operation] = []
    while waiting:
        model, late = _next(waiting)
        state = ModelState.from_model(model)
        options = dict(state.options)
        if late:
            last += [migrations.AddField(state.name_lower, name, state.fields[name]) for name in sorted(late)]
            last += [migrations.AddIndex(state.name_lower, index) for index in options.pop("indexes")]
            last += [migrations.AddConstraint(state.name_lower, law) for law in options.pop("constraints")]
        fields = [(name, field) for name, field in state.fields.items() if name not in late]
        made.append(migrations.CreateModel(state.name, fields, options, state.bases, state.managers))
        waiting.remove(model)
    return made + last


def _next(waiting: list[Table]) -> tuple[Table, set[str]]:
    """A table that can be made now, and its references to tables that can't yet."""
    candidates = [(model, set[str]()) for model in waiting] + [(model, _may_be_empty(model)) for model in waiting]
    for model, late in candidates:
        if not _refers_to(model, without=late) & set(waiting):
            return model, {name for name in late if model._meta.get_field(name).related_model in waiting}
    raise CommandError(f"These tables refer to each other in a circle: {', '.join(map(str, waiting))}")


def _refers_to(model: Table, without: Collection[str] = ()) -> set[Table]:
    fields = [field for field in model._meta.get_fields() if field.concrete and field.name not in without]
    return {field.related_model for field in fields if field.is_relation and field.related_model} - {model}


def _may_be_empty(model: Table) -> set[str]:
    fields = [field for field in model._meta.get_fields() if field.concrete and field.is_relation]
    return {field.name for field in fields if field.null and field.related_model is not model}


# -- 0002_laws


def _text_of_laws(app: AppConfig, beneath: AppConfig | None) -> str:
    """A literal copy of each file: a migration must still run when today's files say something else."""
    dependencies = [(app.label, TABLES), *([(beneath.label, LAWS)] if beneath else [])]
    copies = {path.stem.upper(): path.read_text("utf-8") for path in law_files(app)}
    if unfit := [
        name for name, law in copies.items() if '"""' in law or not (law.endswith("\n") and name.isidentifier())
    ]:
        raise CommandError(f"These laws of {app.label} can't be copied into Python: {', '.join(unfit)}")
    return "\n".join(
        [
            f'"""The laws of {app.label}: a copy of its laws/*.sql. Written by `manage.py fold`."""\n',
            "from django.db import migrations\n",
            *(f'{name} = r"""\n{law}"""\n' for name, law in copies.items()),
            "\nclass Migration(migrations.Migration):",
            f"    dependencies = {dependencies!r}",
            f"    operations = [{', '.join(f'migrations.RunSQL({name})' for name in copies)}]",
        ]
    )


def _formatted(texts: dict[Path, str]) -> dict[Path, str]:
    """The same in the style of the house, which ruff knows."""
    config = str(settings.BASE_DIR / "pyproject.toml")
    with TemporaryDirectory() as drafts:
        places = {path: Path(drafts, f"draft_{number}.py") for number, path in enumerate(texts)}
        for path, place in places.items():
            place.write_text(texts[path], "utf-8")
        for how in (["check", "--select", "I", "--fix"], ["format"]):
            command = [sys.executable, "-m", "ruff", *how, "--quiet", "--no-cache", "--config", config, drafts]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise CommandError(f"ruff (of the development packages) failed: {done.stdout}{done.stderr}")
        return {path: place.read_text("utf-8") for path, place in places.items()}
