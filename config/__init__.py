"""Settings of this machine, and the data that the product ships: scanner profiles, sample programmes, the demo's coalition."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def data(folder: str) -> Traversable:
    """A folder of shipped data: `scanners`, `programmes`, `coalition`."""
    return files(__name__) / folder
