"""The systemd units: read by systemd itself where it is installed, and compared with what the settings know."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from search_core.settings import Settings

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
NAMES = ("passerelle.service", "passerelle-sync.service", "passerelle-backup.service")
COMMAND = "/opt/passerelle/current/bin/passerelle"
MOST_EXPOSED = 20
"""Tenths, of systemd's scale from 0 to 10. 1.5 was measured with systemd 252."""

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The units, with a command that is there on every machine."""
    for name in NAMES:
        text = (UNITS / name).read_text("utf-8")
        assert COMMAND in text
        (tmp_path / name).write_text(text.replace(COMMAND, "/bin/true"), "utf-8")
    return tmp_path


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ANALYZE), *map(str, arguments)], capture_output=True, text=True, check=False)


@needs_systemd
def test_units_are_accepted_without_a_warning(folder: Path) -> None:
    for name in NAMES:
        checked = analyze("verify", "--man=no", folder / name)
        assert (checked.returncode, checked.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", NAMES)
def test_units_are_exposed_to_little(folder: Path, name: str) -> None:
    rated = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", folder / name)
    assert rated.returncode == 0, rated.stdout[-300:]
    loose = folder / name
    loose.write_text(
        re.sub(r"(?m)^(Protect|Private|Restrict|System|IPAddress|Dynamic|NoNew)\w+=.*\n", "", loose.read_text())
    )
    assert analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", loose).returncode != 0


@pytest.mark.parametrize("name", [*NAMES, "passerelle.env"])
def test_every_setting_of_the_examples_exists(name: str) -> None:
    text = (UNITS / name).read_text("utf-8")
    named = set(re.findall(r"PASSERELLE_[A-Z_]*[A-Z]", text)) | {
        found.upper() for found in re.findall(r"LoadCredential=(\w+):", text)
    }
    assert named
    assert named <= {f"PASSERELLE_{field.upper()}" for field in Settings.model_fields}


def test_units_share_their_user_and_their_rights() -> None:
    texts = [(UNITS / name).read_text("utf-8") for name in NAMES]
    hardening = {text.partition("# To this machine only.")[2].partition("[Install]")[0].strip() for text in texts}
    assert len(hardening) == 1
    assert "ProtectSystem=strict" in hardening.pop()
    assert all("\nUser=passerelle\n" in text for text in texts)


@needs_systemd
def test_timer_is_accepted_and_starts_the_backup(folder: Path) -> None:
    timer = shutil.copy(UNITS / "passerelle-backup.timer", folder)
    checked = analyze("verify", "--man=no", timer)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert analyze("calendar", "*-*-* 03:00").returncode == 0


def test_no_password_stands_in_the_environment_file() -> None:
    assert "PASSWORD=" not in (UNITS / "passerelle.env").read_text("utf-8")
