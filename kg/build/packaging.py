"""What describes a release to those who take its folder: how to cite it, and what is in it (CFF, Zenodo, RO-Crate, Frictionless).

The files are made by the templates beside this module, from what the catalogue is made from. Paths are those in the folder of a
release, and on a server below `/release/<id>/`.
"""

import json
from functools import partial
from pathlib import Path

from kg import terms
from kg.catalogue import ABOUT, DATASET, KEYWORDS, TITLE, ReleaseFacts
from kg.languages import DEFAULT, speak, templates_in
from kg.release import COMPRESSED

_write_json = partial(json.dumps, ensure_ascii=False)


def describe(facts: ReleaseFacts) -> dict[str, bytes]:
    """Write the files that describe a release, by their names."""
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
    templates = templates_in(Path(__file__).parent, speak(DEFAULT), json=_write_json)
    names = templates.list_templates(extensions=["jinja"])
    return {name.removesuffix(".jinja"): templates.get_template(name).render(values).encode() for name in names}
