"""`tools/check_licences.py` on planted packages: what it must refuse, what it must let pass."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "check_licences.py"


def plant(folder: Path, name: str, *lines: str) -> None:
    metadata = folder / f"{name}-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines, "", ""]))


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check a package `planted` that needs a package `needed`, both in `folder`."""
    plant(folder, "planted", "License-Expression: Apache-2.0", "Requires-Dist: needed")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    arguments = [sys.executable, str(TOOL), "planted"]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    "lines",
    [
        ("License-Expression: GPL-3.0-only",),
        ("License-Expression: MIT AND AGPL-3.0-or-later",),
        ("License-Expression: MIT AND (GPL-2.0-only OR SSPL-1.0)",),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",),
        ("Classifier: License :: OSI Approved :: MIT License", "Classifier: License :: Other/Proprietary License"),
        ("License: GNU AFFERO GPL 3.0",),
        ("License: Do what you like",),
        (),
    ],
)
def test_a_licence_that_is_not_allowed_fails_and_is_named(tmp_path: Path, lines: tuple[str, ...]) -> None:
    plant(tmp_path, "needed", *lines)
    checked = check(tmp_path)
    assert checked.returncode == 1
    assert "needed 1.0" in checked.stdout


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: LGPL-3.0-or-later",
        "License-Expression: MPL-1.1 OR GPL-2.0-only",
        "License-Expression: (MIT OR GPL-3.0-only) AND BSD-3-Clause",
        "Classifier: License :: OSI Approved :: BSD License",
        "License: Apache-2.0",
    ],
)
def test_an_allowed_licence_passes(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "needed", line)
    assert check(tmp_path).returncode == 0


def test_what_a_dependency_needs_is_checked_too(tmp_path: Path) -> None:
    plant(tmp_path, "needed", "License-Expression: MIT", "Requires-Dist: deeper[more]")
    plant(tmp_path, "deeper", "License-Expression: MIT", 'Requires-Dist: deepest; extra == "more"')
    plant(tmp_path, "deepest", "License-Expression: GPL-3.0-only")
    checked = check(tmp_path)
    assert checked.returncode == 1
    assert "deepest 1.0" in checked.stdout
