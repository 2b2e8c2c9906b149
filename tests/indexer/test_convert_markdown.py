from __future__ import annotations

from indexer.convert.markdown import convert_markdown

SOURCE = """\
---
title: 智慧城市
kind: study
---
# Transports *urbains*

Une ligne qui
continue ici. 智慧城市
建设。

- vélo
- [bus](https://example.org/secret)
  1. ligne 7
  2. ligne 8

| Mode | Part |
|------|-----:|
| Bus  | 41 % |
| 出租车 | 29 % |

Sous-titre
----------

```python
x = 1
  y = 2
```

<div>Du <b>HTML</b></div><script>alert("non")</script>

![Plan du réseau](plan.png) fin\\
ligne
"""


def test_markdown_becomes_what_a_reader_sees() -> None:
    assert (
        convert_markdown(SOURCE.encode()).text
        == """\
Transports urbains

Une ligne qui continue ici. 智慧城市建设。
- vélo
- bus
1. ligne 7
2. ligne 8

Mode | Part
Bus | 41 %
出租车 | 29 %

Sous-titre

x = 1
  y = 2

Du HTML

Plan du réseau fin
ligne"""
    )


def test_markdown_headings_keep_level_and_place() -> None:
    converted = convert_markdown(SOURCE.encode())

    assert [(converted.text[found.start : found.end], found.level) for found in converted.headings] == [
        ("Transports urbains", 1),
        ("Sous-titre", 2),
    ]


def test_markdown_front_matter_is_metadata() -> None:
    assert convert_markdown(SOURCE.encode()).declared.values == {"title": "智慧城市", "kind": "study"}


def test_markdown_lists_within_lists_keep_their_text() -> None:
    source = "".join("  " * depth + f"- niveau {depth}\n" for depth in range(30))

    assert "niveau 29" in convert_markdown(source.encode()).text


def test_markdown_of_hostile_depth_keeps_what_follows() -> None:
    assert convert_markdown((">" * 3000 + " fond\n\nfin").encode()).text.endswith("fin")
