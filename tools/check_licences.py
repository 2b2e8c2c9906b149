"""Fails when Passerelle, as installed here, depends on a licence that its own (Apache-2.0) cannot live with.

    python tools/check_licences.py [DISTRIBUTION]

Looks at everything that DISTRIBUTION needs to run, not at what its developers use. GPL, AGPL and whatever is not listed
below fail; LGPL and MPL pass, for we use such packages as they come.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CNRI-Python",
    "ISC",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-1.1",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
}
"""SPDX identifiers."""

OTHER_NAMES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""What older metadata calls them."""

REVIEWED = {
    "pypdfium2": "BSD-3-Clause or Apache-2.0, as its PDFium; the notices of PDFium's own parts are permissive",
}
"""Packages whose metadata cannot be judged by rule, with what a person found."""

NOT_DISTRIBUTED = ("cuda-", "nvidia-")
"""What a CUDA build of torch brings. Passerelle runs without it and does not pass it on."""


def main(root: str = "passerelle") -> int:
    found = find_dependencies(root)
    refused = {name: read_licence(package) for name, package in found.items() if not passes(name, package)}
    for name, licence in sorted(refused.items()):
        print(f"{name} {found[name].version}: {licence or 'no licence is stated'}")
    if refused:
        print(f"{len(refused)} of {len(found)} packages have a licence that tools/check_licences.py does not allow.")
    else:
        print(f"licences: {len(found)} packages, all allowed")
    return 1 if refused else 0


def find_dependencies(root: str) -> dict[str, Distribution]:
    """Everything installed that `root` needs to run on this platform, itself included, by canonical name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(root)]
    while waiting:
        wanted = waiting.pop()
        try:
            package = distribution(wanted.name)
        except PackageNotFoundError:
            continue  # pip would have refused: it is for another platform
        name = canonicalize_name(wanted.name)
        found[name] = package
        for extra in {"", *wanted.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += _read_requirements(package, extra)
    return found


def _read_requirements(package: Distribution, extra: str) -> list[Requirement]:
    lines = map(Requirement, package.requires or [])
    return [line for line in lines if line.marker is None or line.marker.evaluate({"extra": extra})]


def passes(name: str, package: Distribution) -> bool:
    return name in REVIEWED or name.startswith(NOT_DISTRIBUTED) or is_allowed(read_licence(package))


def read_licence(package: Distribution) -> str:
    """The licence as an SPDX expression where the metadata allows it, from its newest field to its oldest."""
    if expression := _read_field(package, "License-Expression"):
        return expression
    classifiers = [line.split(" :: ") for line in package.metadata.get_all("Classifier") or []]
    names = [parts[-1] for parts in classifiers if parts[0] == "License" and parts[-1] != "OSI Approved"]
    if not names:
        names = _read_field(package, "License").splitlines()[:1]
    return " AND ".join(OTHER_NAMES.get(name, name) for name in names)


def _read_field(package: Distribution, field: str) -> str:
    return str((package.metadata.get_all(field) or [""])[0])


def is_allowed(expression: str) -> bool:
    """An expression holds when one of its alternatives has only allowed terms: `MPL-1.1 OR GPL-2.0-only` does."""
    while group := re.search(r"\(([^()]*)\)", expression):
        verdict = "MIT" if is_allowed(group[1]) else "refused"
        expression = expression[: group.start()] + verdict + expression[group.end() :]
    alternatives = (alternative.split(" AND ") for alternative in expression.split(" OR "))
    return any(all(term.strip() in ALLOWED for term in terms) for terms in alternatives)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
