"""`tools/build_debian_set.py` on chapters written for these tests; packages are not fetched."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from passerelle.evaluation.judged_set import load_judged_set

SCRIPT = Path(__file__).parents[1] / "tools" / "build_debian_set.py"

BODIES = {
    "fr": "Les bornes de recharge du quartier sont ouvertes à tous les habitants, de jour comme de nuit. "
    "Un abonnement annuel donne droit à une remise sur chaque recharge, et la carte est envoyée par la poste.",
    "zh": "本街区的充电桩全天向所有居民开放，白天和夜间均可使用。办理年度套餐的用户每次充电可享受优惠，"
    "充电卡通过邮寄方式送达，遗失后可以在服务窗口免费补办一次。",
}
TITLES = {"fr": "Recharger sa voiture", "zh": "给汽车充电"}
ENGLISH = "The remaining paragraphs of this section have not been translated by anybody until now, sorry about that."


def chapter(language: str, *, inner: str = "", extra: str = "") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><body><div class="chapter">
<h1 class="title"><a id="_chapter"/>Chapitre 3. Le quartier</h1>
<div class="section"><div class="titlepage"><h2><a id="_charging"/>3.1. {TITLES[language]}</h2></div>
<p>{BODIES[language]}</p><p>{ENGLISH}</p><pre>rm -rf code</pre>
<div class="itemizedlist"><ul><li><p>{extra or BODIES[language]}</p></li></ul></div>
<div class="table"><p>une cellule</p></div>
{inner}
</div></div></body></html>"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_debian_set", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def packages(script: ModuleType, tmp_path: Path) -> Path:
    """Packages as they lie there once unpacked."""
    for language, (name, version) in script.PACKAGES.items():
        folder = tmp_path / "packages" / f"{name}_{version}" / "usr/share/debian-reference"
        folder.mkdir(parents=True)
        (folder / f"ch03.{language}.html").write_text(chapter(language), "utf-8")
    return tmp_path / "packages"


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    root = str(SCRIPT.parents[1])
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": root, "PATH": "", **environment}
    )


def test_sections_become_a_judged_set_of_both_languages(packages: Path, tmp_path: Path) -> None:
    ended = run(tmp_path / "set", "--packages", packages)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("2 documents, 2 questions\n")
    found = load_judged_set(tmp_path / "set")
    assert {query.text for query in found.queries} == set(TITLES.values())
    assert all(sorted(grades.values()) == [1, 1] for grades in found.grades.values())
    for document in found.documents or ():
        assert document.text == f"{BODIES[document.language]}\n\n{BODIES[document.language]}"
        assert TITLES[document.language] not in document.text
        assert document.title == ""
    assert "2.100" in (tmp_path / "set" / "README.md").read_text("utf-8")


def test_same_packages_give_the_same_set(packages: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run(tmp_path / name, "--packages", packages).returncode == 0
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_section_inside_a_section_is_one_of_its_own(script: ModuleType) -> None:
    inner = f'<div class="section"><h3><a id="_card"/>3.1.1. La carte</h3><p>{BODIES["fr"]}</p></div>'
    page = chapter("fr", inner=inner, extra=f"{BODIES['fr']} Encore.")
    sections = {section.anchor: section for section in script.read_sections(page.encode(), "fr")}
    assert set(sections) == {"_charging", "_card"}
    assert (sections["_card"].title, sections["_card"].text) == ("La carte", BODIES["fr"])
    assert sections["_charging"].text.endswith("Encore.")


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("5.1.2. Nom de l’interface", "Nom de l’interface"),
        ("第 5 章 网络设置", "网络设置"),
        ("5.1.2. 网络接口名称", "网络接口名称"),
        ("Chapitre 5. Configuration du réseau", "Configuration du réseau"),
        ("La 4G", "La 4G"),
    ],
)
def test_number_of_a_heading_is_no_part_of_the_question(script: ModuleType, heading: str, title: str) -> None:
    page = chapter("fr").replace("3.1. Recharger sa voiture", heading)
    [section] = script.read_sections(page.encode(), "fr")
    assert section.title == title


def test_heading_that_is_not_translated_or_text_that_is_short_is_left_out(script: ModuleType) -> None:
    [good] = script.read_sections(chapter("fr").encode(), "fr")
    assert script.is_usable(good, "fr")
    assert not script.is_usable(good._replace(anchor="_how_to_charge_it", title="How to charge it"), "fr")
    assert not script.is_usable(good._replace(text="Voir le tableau."), "fr")
    assert not script.is_usable(good._replace(title="Recharger sa voiture"), "zh")


def test_heading_that_stands_twice_or_in_its_own_text_is_not_asked(script: ModuleType) -> None:
    make = script.Section
    sections = [
        make("a", "Sons", "x"),
        make("b", "sons", "y"),
        make("c", "Écran", "Un écran."),
        make("d", "Radio", "z"),
    ]
    assert script.find_questions(sections) == {"d"}


def test_machine_without_apt_is_told_what_to_do(tmp_path: Path) -> None:
    ended = run(tmp_path / "set")
    assert ended.returncode == 3
    assert "apt-get cannot be run" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_package_that_cannot_be_fetched_is_told_what_to_do(tmp_path: Path) -> None:
    apt = tmp_path / "bin" / "apt-get"
    apt.parent.mkdir()
    apt.write_text("#!/bin/sh\necho 'E: Version not found' >&2\nexit 100\n")
    apt.chmod(0o755)
    ended = run(tmp_path / "set", PATH=str(apt.parent))
    assert ended.returncode == 3
    assert "debian-reference-fr 2.100 could not be fetched: E: Version not found" in ended.stderr
    assert "apt-get update" in ended.stderr


def test_folder_without_chapters_is_named(packages: Path, script: ModuleType, tmp_path: Path) -> None:
    next(packages.rglob("*.fr.html")).unlink()
    ended = run(tmp_path / "set", "--packages", packages)
    assert ended.returncode == 3
    assert "holds no chapters" in ended.stderr


def test_ids_do_not_tell_which_documents_belong_together(packages: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "set", "--packages", packages).returncode == 0
    lines = (tmp_path / "set" / "documents.jsonl").read_text("utf-8").splitlines()
    first, second = (json.loads(line)["id"] for line in lines)
    assert (len(first), len(second), first[:6] == second[:6]) == (12, 12, False)
