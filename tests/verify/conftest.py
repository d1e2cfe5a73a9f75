import importlib.machinery
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "script" / "canut-verify"


class Answer:
    def __init__(self, done):
        self.status, self.said, self.complaint = done.returncode, done.stdout, done.stderr


@pytest.fixture
def verify(tmp_path):
    """Run the tool as anyone would: another process, the standard library alone. A bundle may be given instead of a file."""

    def run(kind, bundle, *options):
        file = bundle
        if not isinstance(bundle, (str, Path)):
            file = tmp_path / "bundle.json"
            file.write_bytes(bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode())
        command = [sys.executable, "-I", "-S", str(TOOL), kind, str(file), *map(str, options)]
        return Answer(
            subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", timeout=120)
        )

    return run


@pytest.fixture(scope="session")
def tool():
    """The tool's own functions, for laws that are tested for all numbers."""
    loader = importlib.machinery.SourceFileLoader("canut_verify", str(TOOL))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("canut_verify", loader))
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module
