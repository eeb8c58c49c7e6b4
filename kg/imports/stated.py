"""What an import rests on: what the project's data say already."""

from kg.build import steps
from kg.build.inputs import Inputs
from kg.build.report import ValidationReport
from kg.store import Store


def load(store: Store, read: Inputs) -> None:
    """Load what is stated, by sources and by tables. Raises ValidationFailed for what cannot be read."""
    ValidationReport(()).add(steps.state(read, store)[1])
