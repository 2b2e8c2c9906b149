"""`passerelle sync`: one round over a folder, or one after the other until Ctrl-C."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.seen import SeenFiles
from indexer.sync import SyncReport, SyncRules, sync_folder
from indexer.watch import Watcher, choose_interval, iter_looks
from passerelle.console import print_json, print_json_line, print_sync, show_progress, tell

if TYPE_CHECKING:
    from passerelle.workspace import Workspace


@dataclass
class Syncing:
    """One folder and what was asked for."""

    workspace: Workspace
    folder: Path
    yes: bool = False
    adopt: bool = False
    retry: bool = False
    shown_as: str | None = None
    as_json: bool = False

    def run(self) -> bool:
        """One round; whether all is well after it."""
        report = self._sync(SeenFiles())
        if self.as_json:
            print_json(report.to_dict())
        else:
            print_sync(report)
        return report.ok

    def watch(self, poll_s: float | None) -> bool:
        """Rounds until Ctrl-C. What --yes, --adopt and --retry allow holds for the first one only."""
        every = choose_interval(self.folder, self.workspace.settings.watch_poll_s if poll_s is None else poll_s)
        watcher = Watcher(self.folder, self._sync, tell)
        self._show(watcher.look())
        self.yes = self.adopt = self.retry = False
        tell(f"Watching {self.folder}, {f'every {every:g} seconds' if every else 'by change events'}. Ctrl-C ends it.")
        with suppress(KeyboardInterrupt):
            for _ in iter_looks(self.folder, every, tell):
                self._show(watcher.look())
        return True

    def _sync(self, seen: SeenFiles) -> SyncReport:
        settings = self.workspace.settings
        rules = SyncRules(
            self.yes,
            self.adopt,
            settings.sync_removed_percent,
            settings.sync_removed_fewest,
            shown_as=self.shown_as,
        )
        with show_progress() as progress:
            return sync_folder(
                self.folder, **self.workspace.file_tools(), rules=rules, seen=seen, retry=self.retry, progress=progress
            )

    def _show(self, report: SyncReport | None) -> None:
        """Rounds that changed nothing are not worth a word."""
        if report is None or not any(report.changes.values()):
            return
        if self.as_json:
            print_json_line(report.to_dict())
        else:
            print_sync(report)
