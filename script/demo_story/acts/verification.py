"""Anyone downloads the bundles and the tool, checks them offline; then a vote and an amount are forged."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from script.demo_story.production import Production
from script.demo_story.stage import StepFailed, wait_until


def _bundles(production: Production) -> dict[str, tuple[str, str]]:
    return {
        "ballot": ("ballot", f"/api/v1/ballots/{production.kept['ballot']}/bundle/"),
        "run 1": ("run", f"/api/v1/runs/{production.kept['run-1']['id']}/bundle/"),
        "run 2": ("run", f"/api/v1/runs/{production.kept['run-2']['id']}/bundle/"),
    }


def verify_offline(production: Production) -> None:
    """canut-verify, as downloaded from the site, recomputes the ballot and both runs."""
    folder = production.folder / "verify"
    folder.mkdir(exist_ok=True)
    tool = folder / "canut-verify"
    tool.write_bytes(production.public.get("/canut-verify"))
    (folder / "key").write_text(production.public.get("/api/v1/log/key/")["verifier_key"])
    for name, (kind, path) in _bundles(production).items():
        bundle = wait_until(f"the log entry of {name} is sealed", lambda path=path: _sealed(production, path))
        file = folder / f"{name.replace(' ', '-')}.json"
        file.write_text(json.dumps(bundle, ensure_ascii=False))
        done = _run(tool, kind, file, folder / "key")
        if done.returncode != 0:
            raise StepFailed(f"canut-verify refuses {name}: {done.stdout}{done.stderr}")
        production.found_out(f"canut-verify {name}", "consistent", done.stdout.strip().splitlines()[-1][:90])


def refuse_forgeries(production: Production) -> None:
    """One vote and one amount are altered in copies; the tool refuses both and names what differs."""
    folder = production.folder / "verify"
    ballot = json.loads((folder / "ballot.json").read_text())
    forged = copy.deepcopy(ballot)
    changed = next(vote for vote in forged["votes"] if vote["choice"] == "no")
    changed["choice"] = "yes"
    _refused(production, folder, "ballot", forged, "one vote altered")
    run = json.loads((folder / "run-1.json").read_text())
    forged = copy.deepcopy(run)
    forged["result"]["members"][0]["amount"] += 100
    _refused(production, folder, "run", forged, "one amount altered")


def _sealed(production: Production, path: str) -> Any:
    bundle = production.public.get(path)
    return bundle if bundle.get("log") else None


def _refused(production: Production, folder: Path, kind: str, forged: dict[str, Any], what: str) -> None:
    file = folder / f"forged-{kind}.json"
    file.write_text(json.dumps(forged, ensure_ascii=False))
    done = _run(folder / "canut-verify", kind, file, folder / "key")
    if done.returncode != 1:
        raise StepFailed(f"canut-verify let a forged {kind} pass: {done.stdout}{done.stderr}")
    named = [line.removeprefix("DIFFERS").strip() for line in done.stdout.splitlines() if line.startswith("DIFFERS")]
    told = [line for line in named if line.startswith(("votes:", "member "))]
    if not told:
        raise StepFailed(f"canut-verify does not name what was forged: {done.stdout}")
    production.found_out(f"canut-verify, {what}", "refused", told[0])


def _run(tool: Path, kind: str, file: Path, key: Path) -> subprocess.CompletedProcess[str]:
    """As anyone would: the standard library alone, no network needed, nothing of ours importable."""
    command = [sys.executable, "-I", "-S", str(tool), kind, str(file), "--key", key.read_text().strip()]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    )
