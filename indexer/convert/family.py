"""What a format family is: how its files are recognised and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from indexer.convert.base import ConvertedFile


@dataclass(frozen=True)
class Family:
    """A format: how it is recognised and read.

    Its functions have names: a family goes to the worker processes by pickle, which cannot send lambdas.

    Text says nothing about itself: `recognizes` is None, and only the file's name tells.
    `version` is raised with any change of what a file's text becomes. `packages` are those whose next version may read
    what this one could not; `programs` are asked for the versions of programs that need not be installed, empty where
    they are not. Its functions have names of their own: the family of a file is told to a worker by them.
    """

    name: str
    suffixes: tuple[str, ...]
    recognizes: Callable[[bytes], bool] | None
    convert: Callable[[bytes], ConvertedFile]
    version: int
    packages: tuple[str, ...] = ()
    programs: tuple[Callable[[], str], ...] = ()

    @property
    def identity(self) -> str:
        return f"{self.name}-{self.version}"

    @property
    def tools(self) -> str:
        """What reading depends on besides our own code."""
        packages = (f"{package}-{version(package)}" for package in self.packages)
        return " ".join([*packages, *(ask() for ask in self.programs)])
