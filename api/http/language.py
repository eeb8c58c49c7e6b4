"""In which language a request is answered: by `lang=` in the address, else by Accept-Language, else in English.

Data are the same in all languages: `lang=` alone, never the header, decides what a data format is written in.
"""

from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from api.http import negotiate
from kg.errors import BadParameter
from kg.languages import DEFAULT, LANGUAGES, Language, speak
from kg.wording import say

PARAMETER = "lang"


class Visit(NamedTuple):
    """What a page needs to know of the request it answers: the language, whether the address names it, and that address.

    `here` is the path with its query, without the language; the switch between languages is made from it.
    """

    language: Language = speak(DEFAULT)
    is_chosen: bool = False
    here: str = "/"


def visit_of(request: Request, *, is_page: bool = True) -> Visit:
    """Read the language of a page, or of a data format, from a request; raises BadParameter for one that is not spoken here."""
    chosen = _chosen(request)
    preferred = _preferred(request.headers.get("accept-language")) if is_page else DEFAULT
    others = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
    here = request.scope["path"] + (f"?{urlencode(others, safe='/:')}" if others else "")
    return Visit(speak(chosen or preferred), bool(chosen), here)


def _chosen(request: Request) -> str:
    code = request.query_params.get(PARAMETER, "")
    if code and code not in LANGUAGES:
        hint = say("Known: %(names)s", names=", ".join(LANGUAGES))
        raise BadParameter(say("There is no language %(code)s here", code=f"{code[:20]!r}"), where=PARAMETER, hint=hint)
    return code


def _preferred(accepted: str | None) -> str:
    """Pick the language a browser likes best; among equals the first it names."""
    liked = dict.fromkeys(LANGUAGES, 0.0)  # English is the first, and so the best where none is liked
    for tag, quality in negotiate.parse(accepted).items():
        code = DEFAULT if tag == "*" else tag.partition("-")[0]
        liked[code] = max(quality, liked.get(code, 0.0))
    return max(LANGUAGES, key=lambda code: liked[code])
