"""Makes `examples.jsonl` out of the unpacked packages and the project's own quads.

python tools/adapter/build.py UNPACKED LISTS OUT --judged ../shared/eval
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from examples import Example
from leakage import Hashes, hash_runs, iter_judged_texts, shares_run
from readers import READERS

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("unpacked", type=Path, help="folder with one folder for each package")
    parser.add_argument("lists", type=Path, help="apt's lists, with translations and DEP-11")
    parser.add_argument("out", type=Path)
    parser.add_argument("--judged", type=Path, required=True, help="folder of the judged sets")
    given = parser.parse_args()
    judged = hash_runs([*iter_judged_texts(given.judged), *iter_corpus_texts(HERE.parents[1] / "corpus")])
    counts: dict[str, Counter[str]] = {}
    seen: set[str] = set()
    with given.out.open("w", encoding="utf-8") as out:
        for name, source in tomllib.loads((HERE / "sources.toml").read_text(encoding="utf-8")).items():
            counts[name] = Counter()
            for example in iter_source(name, source, given.unpacked, given.lists):
                fate = judge(example, judged, seen)
                counts[name][fate] += 1
                if fate in {"titled", "pair"}:
                    out.write(
                        json.dumps({**example.as_dict(), "dev": bool(source.get("dev"))}, ensure_ascii=False) + "\n"
                    )
    for name, found in counts.items():
        print(name, dict(found))
    print("all", dict(sum(counts.values(), Counter())))


def iter_source(name: str, source: dict[str, Any], unpacked: Path, lists: Path) -> Iterator[Example]:
    read = READERS[source["reader"]]
    if not source["packages"]:
        yield from read(lists, name)
        return
    folders = [unpacked / _folder_name(package) for package in source["packages"]]
    if source["reader"] in {"gettext", "qm", "json", "properties"}:
        for folder in folders:
            yield from read(folder, name, **source.get("paths", {}))
    else:
        joined = _join_folders(folders, unpacked / f"joined-{name}")
        yield from read(joined, name, **source.get("paths", {}))


def _folder_name(package: str) -> str:
    """`npm:@openstreetmap/id-tagging-schema=6.19.2` -> `openstreetmap-id-tagging-schema`."""
    return package.rpartition(":")[2].partition("=")[0].replace("@", "").replace("/", "-")


def _join_folders(folders: list[Path], joined: Path) -> Path:
    """A folder of links: the two languages of a source often come in a package each."""
    if len(folders) == 1:
        return folders[0]
    joined.mkdir(exist_ok=True)
    for folder in folders:
        for path in folder.rglob("*"):
            target = joined / path.relative_to(folder)
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            elif not target.is_symlink() and not target.exists():
                target.symlink_to(path.absolute())
    return joined


def iter_corpus_texts(corpus: Path) -> Iterator[str]:
    """The sample collection: what is text as it lies there, and the sources of the PDF and DOCX files."""
    for path in sorted(corpus.rglob("*")):
        if path.suffix in {".html", ".jsonl", ".md", ".tsv", ".txt", ".yaml"}:
            yield path.read_text(encoding="utf-8")


def judge(example: Example, judged: Hashes, seen: set[str]) -> str:
    """What becomes of an example: kept as `titled` or `pair`, or dropped as `leaked` or `double`."""
    keys = {_near_key(example.fr_passage), _near_key(example.zh_passage)}
    if keys & seen:
        return "double"
    seen |= keys
    if any(shares_run(text, judged) for text in example.texts()):
        return "leaked"
    return "titled" if example.fr_question else "pair"


def _near_key(text: str) -> str:
    """The same for texts that differ only in names, digits and signs near their end."""
    return re.sub(r"[\W\d_]+", "", text.casefold())[:60]


if __name__ == "__main__":
    main()
