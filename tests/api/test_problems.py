from search_api.problems import STATUS
from search_core.errors import PasserelleError


def family(kind: type[PasserelleError]) -> set[type[PasserelleError]]:
    return {kind, *(member for child in kind.__subclasses__() for member in family(child))}


def test_every_error_with_a_code_has_a_status() -> None:
    """Those without one of their own, an engine's, are answered like what they are a kind of."""
    assert set(STATUS) == {kind for kind in family(PasserelleError) if "code" in vars(kind)}


def test_every_error_has_a_code_of_its_own() -> None:
    assert len({kind.code for kind in STATUS}) == len(STATUS)
