"""The crosswalks of a release that are files are judged with the sources."""

from collections.abc import Collection, Iterator
from pathlib import PurePath

from kg.build import texts
from kg.build.inputs import Inputs
from kg.build.report import Result, as_result
from kg.crosswalks import FOLDER, SUFFIX, faults, parse
from kg.errors import SourceError


def review(inputs: Inputs, defined: Collection[str]) -> Iterator[Result]:
    """Yield the mistakes in the files of crosswalks, also subjects that are not among the IRIs that are defined."""
    stated = {PurePath(name).stem for name in inputs.texts(FOLDER)}
    for file in inputs.crosswalks:
        yield from texts.review(file)
        try:
            crosswalk = parse(file.path.name.removesuffix(SUFFIX), file.data, is_strict=True)
        except SourceError as error:
            error.where = file.name
            yield as_result(error)
            continue
        if mistakes := [*faults(crosswalk, stated)]:
            yield from (Result(file.name, line, 0, message) for line, message in mistakes)
            continue
        for line, row in enumerate(crosswalk.rows, crosswalk.begins):
            if (iri := crosswalk.expand(row.subject_id)) not in defined:
                message = f"{row.subject_id} is described nowhere. Correct it, or take the line out."
                yield Result(file.name, line, 0, message, focus=iri)
