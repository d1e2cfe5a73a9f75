"""Folding writes what the models and laws say, once, and tells when the migrations say something else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from coop.management.commands import fold


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Migrations written beside, instead of those of the tree."""
    monkeypatch.setattr(fold, "_folder", lambda app: tmp_path / app.label)
    call_command("fold", stdout=StringIO())
    return tmp_path


def test_folding_twice_changes_nothing(folder):
    written = StringIO()

    call_command("fold", stdout=written)

    assert written.getvalue() == ""
    call_command("fold", check=True)


def test_a_law_that_was_changed_and_not_folded_is_seen(folder, monkeypatch, tmp_path):
    changed = tmp_path / "clock.sql"
    changed.write_text("SELECT 1;\n")
    monkeypatch.setattr(fold, "law_files", lambda app: [changed])

    with pytest.raises(CommandError, match=r"audit/0002_laws\.py"):
        call_command("fold", check=True)


def test_a_migration_written_by_hand_is_seen_and_folded_in(folder):
    by_hand = folder / "talk" / "0003_a_title.py"
    by_hand.write_text("")

    with pytest.raises(CommandError, match=r"talk/0003_a_title\.py"):
        call_command("fold", check=True)
    call_command("fold", stdout=StringIO())

    assert not by_hand.exists()
    call_command("fold", check=True)


def test_what_can_not_be_copied_literally_is_refused(folder, monkeypatch, tmp_path):
    quoted = tmp_path / "quoted.sql"
    quoted.write_text('COMMENT ON TABLE t IS \'"""\';\n')
    monkeypatch.setattr(fold, "law_files", lambda app: [quoted])

    with pytest.raises(CommandError, match="laws of coop can't be copied into Python: QUOTED"):
        call_command("fold", check=True)


def test_tables_that_refer_to_each_other_are_made_with_the_reference_that_may_be_empty_last(folder):
    text = (folder / "work" / "0001_tables.py").read_text()

    assert text.index('name="Project"') < text.index('name="Quote"') < text.index('model_name="project"')
    assert "AddConstraint" in text.partition("AddField")[2]
