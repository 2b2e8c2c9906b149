"""One reader for each form that packages keep parallel text in. All yield `Example`s from an unpacked folder."""

from __future__ import annotations

import gettext
import gzip
import json
import re
import struct
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from examples import Example
from lxml import etree
from lxml import html as lxml_html
from text import clean, is_chinese, is_french, make_example, make_titled, to_simplified

MAX_PASSAGE = 900
"""French characters a passage: about 250 tokens, more than training reads."""

Blocks = list[tuple[str, str]]
"""(`h` or `p`, text) in the order of the document."""


# Debian's package descriptions and application metadata


def read_descriptions(folder: Path, source: str) -> Iterator[Example]:
    """Short description -> long description. `folder` holds apt's lists. GNOME's and LibreOffice's are left out."""
    french = _read_translations(folder, "fr")
    for suffix in ("zh%5fCN", "zh%5fTW"):
        for key, (title, body) in _read_translations(folder, suffix).items():
            if key in french:
                titles, bodies = zip(french[key], (to_simplified(title), to_simplified(body)), strict=True)
                yield from _some(make_titled(source, titles, tuple(text[:MAX_PASSAGE] for text in bodies)))


def _read_translations(folder: Path, suffix: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for path in folder.glob(f"*_main_i18n_Translation-{suffix}*"):
        text = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], capture_output=True, check=True).stdout  # noqa: S603
        for record in text.decode().split("\n\n"):
            match = re.search(r"Description-md5: (\w+)\nDescription-[^:]+: (.*)\n((?: .*\n?)*)", record)
            if match and not re.search("gnome|libreoffice", record, re.I):
                body = re.sub(r"(?m)^ \.?", "", match[3])
                joined = re.sub(r"(?<=[\u3000-\uffef])\n(?=[\u3000-\uffef])", "", body)
                found[match[1]] = (match[2], joined)
    return found


def read_appstream(folder: Path, source: str) -> Iterator[Example]:
    """Summary -> description of each application. GNOME's and LibreOffice's are left out."""
    for path in folder.glob("*dep11*"):
        for part in _read_gzip(path).split("\n---\n"):
            if "zh-CN:" in part or "zh-Hans" in part:
                component = yaml.load(part, yaml.CSafeLoader)
                if not re.search("gnome|libreoffice", f"{component.get('ID')}{component.get('Package')}", re.I):
                    yield from _read_component(component, source)


def _read_component(component: dict[str, dict[str, str]], source: str) -> Iterator[Example]:
    def both(field: str) -> tuple[str, str]:
        texts = component.get(field) or {}
        return texts.get("fr", ""), texts.get("zh-CN", "") or texts.get("zh-Hans-CN", "")

    paragraphs = [tuple(re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", text, re.S)) for text in both("Description")]
    if all(paragraphs):
        yield from _some(
            make_titled(source, both("Summary"), (" ".join(paragraphs[0])[:MAX_PASSAGE], "".join(paragraphs[1])[:400]))
        )
        if len(paragraphs[0]) == len(paragraphs[1]):
            for fr, zh in zip(*paragraphs, strict=True):
                yield from _some(make_example(source, fr, zh))


def _read_gzip(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


# Manual pages


def read_manuals(folder: Path, source: str) -> Iterator[Example]:
    """The line under NAME -> the text under DESCRIPTION, of pages that exist in both languages."""
    french = {_manual_name(path): path for path in folder.glob("**/man/fr/man*/*.gz")}
    for path in sorted(folder.glob("**/man/zh_CN/man*/*.gz")):
        other = french.get(_manual_name(path))
        if other:
            pages = [_read_manual(page) for page in (other, path)]
            if all(pages):
                titles, bodies = zip(*pages, strict=True)
                yield from _some(make_titled(source, titles, (bodies[0][:MAX_PASSAGE], bodies[1][:400])))


def _manual_name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _read_manual(path: Path) -> tuple[str, str] | None:
    text = _read_gzip(path)
    sections = re.split(r"(?m)^\.SH\s+", text)[1:]
    named = {section.split("\n", 1)[0].strip(' "').upper(): section.partition("\n")[2] for section in sections}
    name = next((named[key] for key in named if re.match("NOM|NAME|名称|名字|名", key)), "")
    about = next((named[key] for key in named if re.match("DESCRIPTION|描述|说明", key)), "")
    title = re.split(r"\s+[-–—]+\s+|\s+\\-\s+", _strip_roff(name), maxsplit=1)
    return (title[1], _strip_roff(about)) if len(title) == 2 and about else None


def _strip_roff(text: str) -> str:
    lines = [line for line in text.split("\n") if not line.startswith(('.\\"', "'\\\"", ".nf", ".sp"))]
    text = "\n".join(re.sub(r'^\.[A-Za-z]+\s*"?', "", line) for line in lines)
    text = re.sub(r"\\f(?:\[.*?\]|.)|\\[&,/|^%:]|\\s[-+]?\d", "", text)
    text = re.sub(r"\\\((?:aq|cq)|\\\[aq\]", "'", text).replace("\\-", "-").replace("\\~", " ").replace("\\e", "\\")
    return clean(re.sub(r"\\\[u([0-9A-F]{4})\]", lambda match: chr(int(match[1], 16)), text))


# Pages whose translations keep the structure: aligned block by block


def read_pages(folder: Path, source: str, french: str, chinese: str) -> Iterator[Example]:
    """HTML pages below `french` and `chinese` (paths with `**`), aligned where both have the same blocks."""
    pages = {path.name.replace(".fr.", "."): path for path in folder.glob(french)}
    for path in sorted(folder.glob(chinese)):
        other = next(iter(pages.values())) if len(pages) == 1 else pages.get(path.name.replace(".zh.", "."))
        if other:
            yield from _align(source, _read_blocks(other), _read_blocks(path))


def _read_blocks(path: Path) -> Blocks:
    root = lxml_html.fromstring(path.read_bytes(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    blocks: Blocks = []
    for element in root.iter("h1", "h2", "h3", "h4", "h5", "p"):
        text = " ".join(element.text_content().split())
        is_heading = element.tag != "p"
        if text:
            blocks.append(("h" if is_heading else "p", re.sub(r"^[\d.\s]+", "", text) if is_heading else text))
    return blocks


def _align(source: str, french: Blocks, chinese: Blocks) -> Iterator[Example]:
    """Sections between headings that have as many paragraphs in both languages."""
    ours, theirs = _split_sections(french), _split_sections(chinese)
    if len(ours) != len(theirs):
        return
    for (title_fr, texts_fr), (title_zh, texts_zh) in zip(ours, theirs, strict=True):
        if len(texts_fr) == len(texts_zh):
            pairs = [(fr, zh) for fr, zh in zip(texts_fr, texts_zh, strict=True) if is_chinese(zh, 6) and is_french(fr)]
            for start in range(0, len(pairs), 4):
                fr, zh = (" ".join(texts) for texts in zip(*pairs[start : start + 4], strict=True))
                numbered = re.match("Article |第.+条$", title_fr + title_zh)
                titles = (title_fr, title_zh) if start == 0 and not numbered else ("", "")
                yield from _some(make_titled(source, titles, (fr[:MAX_PASSAGE], zh[:400])))


def _split_sections(blocks: Blocks) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = [("", [])]
    for kind, text in blocks:
        if kind == "h":
            sections.append((text, []))
        else:
            sections[-1][1].append(text)
    return sections


def read_drawings(folder: Path, source: str) -> Iterator[Example]:
    """Inkscape's tutorials: text that flows in a drawing."""
    for path in sorted(folder.glob("**/*.zh_CN.svg")):
        ours, theirs = (_read_flows(page) for page in (path.with_name(path.name.replace("zh_CN", "fr")), path))
        if len(ours) == len(theirs):
            for fr, zh in zip(ours, theirs, strict=True):
                yield from _some(make_example(source, fr, zh))


def _read_flows(path: Path) -> list[str]:
    space = "{http://www.w3.org/2000/svg}"
    return [
        " ".join("".join(flow.itertext()).split())
        for flow in etree.parse(path).iter(f"{space}flowPara", f"{space}text")
    ]


# Message catalogues


def read_gettext(folder: Path, source: str) -> Iterator[Example]:
    """`.mo` files that are there in both languages."""
    for path in sorted(folder.glob("**/zh_CN/LC_MESSAGES/*.mo")):
        other = Path(str(path).replace("/zh_CN/", "/fr/"))
        if other.is_file():
            yield from _pair(source, _read_mo(other), _read_mo(path))


def _read_mo(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    except (UnicodeDecodeError, OSError):
        return {}
    return {key: text for key, text in catalog.items() if isinstance(key, str) and key and key != text}


def read_qm(folder: Path, source: str, french: str, chinese: str) -> Iterator[Example]:
    """Qt's compiled catalogues, messages matched by the hash of their English source."""
    for path in sorted(folder.glob(chinese)):
        other = next(iter(path.parent.glob(french)), None)
        if other:
            yield from _pair(source, _read_qm(other), _read_qm(path))


def _read_qm(path: Path) -> dict[str, str]:
    data, sections, at = path.read_bytes(), {}, 16
    while at + 5 <= len(data):
        tag, size = struct.unpack_from(">BI", data, at)
        sections[tag] = data[at + 5 : at + 5 + size]
        at += 5 + size
    hashes, messages = sections.get(0x42, b""), sections.get(0x69, b"")
    return {
        str(key): _read_qm_message(messages, offset)
        for key, offset in struct.iter_unpack(">II", hashes)
        if offset < len(messages)
    }


def _read_qm_message(messages: bytes, at: int) -> str:
    while at + 5 <= len(messages) and messages[at] not in (0, 1):
        tag = messages[at]
        [size] = struct.unpack_from(">I", messages, at + 1)
        if tag == 3:
            return messages[at + 5 : at + 5 + size].decode("utf-16-be", "replace") if size < 0xFFFFFFFF else ""
        at += 5 + size
    return ""


def read_properties(folder: Path, source: str, french: str, chinese: str) -> Iterator[Example]:
    """`key = text` files; the text of `x.name` is the question for that of `x.description`."""
    for path in sorted(folder.glob(chinese)):
        other = next(iter(folder.glob(french.replace("*STEM*", path.name.split("zh")[0] + "fr*"))), None)
        if other:
            ours, theirs = _read_pairs(other), _read_pairs(path)
            named: dict[str, tuple[str, str]] = {}
            for key in ours.keys() & theirs.keys():
                if (
                    key.endswith(".description")
                    and (name := key.replace(".description", ".name")) in ours.keys() & theirs.keys()
                ):
                    named[key] = (ours[name], theirs[name])
                    yield from _some(make_titled(source, named[key], (ours[key], theirs[key])))
            yield from _pair(source, {key: text for key, text in ours.items() if key not in named}, theirs)


def _read_pairs(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8", errors="replace").replace("\\\n", "").split("\n")
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {
        key.strip(): re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text).strip()
        for key, _, text in pairs
    }


def read_stamps(folder: Path, source: str) -> Iterator[Example]:
    """Tux Paint's stamps: a sentence about each thing."""
    for path in sorted(folder.glob("**/*.txt")):
        texts = dict(
            re.findall(r"(?m)^(fr|zh_CN|zh_TW)\.utf8=(.*)$", path.read_text(encoding="utf-8", errors="replace"))
        )
        zh = texts.get("zh_CN") or to_simplified(texts.get("zh_TW", ""))
        yield from _some(make_example(source, texts.get("fr", ""), zh))


def read_help(folder: Path, source: str) -> Iterator[Example]:
    """GnuPG's help: a text under each key."""

    def load(language: str) -> dict[str, str]:
        text = next(folder.glob(f"**/help.{language}.txt")).read_text(encoding="utf-8")
        return dict(re.findall(r"(?m)^\.(gpg\.\S+)\n((?:[^.#\n].*\n|\n)+)", text))

    yield from _pair(source, load("fr"), load("zh_CN"))


def read_journal(folder: Path, source: str) -> Iterator[Example]:
    """systemd's explanations: a subject and a text under each id."""
    ours, theirs = (_read_journal(next(folder.glob(f"**/systemd.{code}.catalog"))) for code in ("fr", "zh_CN"))
    for key in ours.keys() & theirs.keys():
        titles, bodies = zip(ours[key], theirs[key], strict=True)
        yield from _some(make_titled(source, titles, bodies))


def _read_journal(path: Path) -> dict[str, tuple[str, str]]:
    parts = re.findall(
        r"(?m)^-- (\w+)\nSubject: (.*)\n(?:[A-Z][\w-]+: .*\n)*\n((?:[^-#\n].*\n|\n)+)", path.read_text(encoding="utf-8")
    )
    return {key: (subject, body) for key, subject, body in parts}


def read_json(folder: Path, source: str, french: str, chinese: str) -> Iterator[Example]:
    """JSON files of texts, nested or not."""
    for path in sorted(folder.glob(chinese)):
        for other in path.parent.glob(french):
            yield from _pair(source, _flatten(json.loads(other.read_text())), _flatten(json.loads(path.read_text())))


def read_presets(folder: Path, source: str) -> Iterator[Example]:
    """OpenStreetMap's kinds of places: name and other words for it."""
    ours, theirs = (_read_presets(next(folder.glob(f"**/translations/{code}.json"))) for code in ("fr", "zh-CN"))
    for key in ours.keys() & theirs.keys():
        yield from _some(make_example(source, ours[key], theirs[key]))


def _read_presets(path: Path) -> dict[str, str]:
    [content] = json.loads(path.read_text(encoding="utf-8")).values()
    return {
        key: f"{preset.get('name', '')} : {preset.get('terms', '').replace(',', ', ')}"
        for key, preset in content["presets"]["presets"].items()
    }


def _flatten(value: object, at: str = "") -> dict[str, str]:
    if isinstance(value, str):
        return {at: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {key: text for name, inner in items for key, text in _flatten(inner, f"{at}/{name}").items()}


def read_fluent(folder: Path, source: str) -> Iterator[Example]:
    """Firefox's messages, in an extension file for each language."""
    [french], [chinese] = (
        [_read_fluent(path) for path in folder.glob(f"**/langpack-{code}@*.xpi")] for code in ("fr", "zh-CN")
    )
    yield from _pair(source, french, chinese)


def _read_fluent(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith((".ftl", ".properties")):
                key = re.sub(r"/(fr|zh-CN)/", "/", name)
                for message, text in re.findall(
                    r"(?m)^\s*(\.?[\w.-]+) ?= ?(.+)$", archive.read(name).decode("utf-8", "replace")
                ):
                    found.setdefault(f"{key}/{message}", text)
    return found


def _pair(source: str, french: dict[str, str], chinese: dict[str, str]) -> Iterator[Example]:
    for key, fr in french.items():
        if key in chinese:
            yield from _some(make_example(source, fr, chinese[key]))


def _some(example: Example | None) -> Iterator[Example]:
    if example:
        yield example


READERS: dict[str, Callable[..., Iterator[Example]]] = {
    "appstream": read_appstream,
    "descriptions": read_descriptions,
    "drawings": read_drawings,
    "fluent": read_fluent,
    "gettext": read_gettext,
    "help": read_help,
    "journal": read_journal,
    "json": read_json,
    "manuals": read_manuals,
    "pages": read_pages,
    "presets": read_presets,
    "properties": read_properties,
    "qm": read_qm,
    "stamps": read_stamps,
}
