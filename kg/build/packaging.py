"""What describes a release to those who take its folder: how to cite it, and what is in it (CFF, Zenodo, RO-Crate, Frictionless).

The files are made by the templates beside this module, from what the catalogue is made from. Paths are those in the folder of a
release, and on a server below `/release/<id>/`.
"""

import json
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kg import terms
from kg.catalogue import ABOUT, DATASET, KEYWORDS, TITLE, ReleaseFacts
from kg.release import COMPRESSED


def describe(facts: ReleaseFacts) -> dict[str, bytes]:
    """Write the files that describe a release, by their names."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["json"] = partial(json.dumps, ensure_ascii=False)
    values = {
        "facts": facts,
        "files": [*facts.dumps, *(file for supplement in facts.supplements for file in supplement.files)],
        "compressed": COMPRESSED,
        "standards": sorted({supplement.standard for supplement in facts.supplements} - {""}),
        "title": f"{TITLE}, release {facts.id}",
        "about": ABOUT,
        "publisher": TITLE,
        "keywords": [*KEYWORDS],
        "dataset": DATASET,
        "base": terms.BASE,
        "licence": terms.LICENCE,
    }
    names = environment.list_templates(extensions=["jinja"])
    return {name.removesuffix(".jinja"): environment.get_template(name).render(values).encode() for name in names}
