"""How much longer a search takes with the cross-encoder than without, on the index of a data folder, side by side.

    PASSERELLE_DATA=FOLDER .venv/bin/python -m tools.measure_search corpus

Each question of the judged set is asked once of either service, the one that goes first changing from question to
question, so that both meet the same machine.
"""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from itertools import cycle
from pathlib import Path
from statistics import median

from passerelle.evaluation.judged_set import load_judged_set
from search_api.opening import open_service
from search_api.schemas import SearchRequest
from search_api.service import SearchService
from search_core.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judged", type=Path, help="folder of a judged set, whose questions are asked")
    questions = [query.text for query in load_judged_set(parser.parse_args().judged).queries]
    settings = Settings()
    without = settings.model_copy(update={"cross_encoder": "none"})
    with closing(open_service(settings)) as reading, closing(open_service(without)) as plain:
        if not plain.search(SearchRequest(q=questions[0])).total or not reading.search(SearchRequest(q="乐山")).total:
            raise SystemExit(f"Nothing is found in {settings.data}: index the set's documents there first.")
        taken = measure({"with": reading, "without": plain}, questions[1:])
    ratio = median(taken["with"]) / median(taken["without"])
    print(f"{len(questions) - 1} questions: a search takes {ratio:.2f} times as long with the cross-encoder (medians)")


def measure(services: dict[str, SearchService], questions: list[str]) -> dict[str, list[float]]:
    """Seconds by service."""
    taken: dict[str, list[float]] = {name: [] for name in services}
    orders = cycle([list(services), list(services)[::-1]])
    for question, order in zip(questions, orders, strict=False):
        for name in order:
            began = time.perf_counter()
            services[name].search(SearchRequest(q=question))
            taken[name].append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    main()
