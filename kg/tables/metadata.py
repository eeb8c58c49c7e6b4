"""The metadata of a table's CSV (CSV on the Web): its columns with their types, its key, and the tables that it refers to."""

import re
from collections.abc import Mapping
from typing import Any

from kg import csvw

# What CSV on the Web calls the types of a data package.
_TYPES = {"number": "double", "year": "gYear"}


def write_metadata(name: str, resources: Mapping[str, Mapping[str, Any]], release: str, base: str) -> bytes:
    """Write the metadata of a table, with those of the tables that its keys lead to: a key may name none beside them.

    `resources` are the descriptions in the package by name, `release` is the id of the release on the site at `base`.
    """
    table = resources[name]
    keys = table["schema"].get("foreignKeys", ())
    named = dict.fromkeys([name, *(key["reference"]["resource"] for key in keys)])
    members = {
        "dc:title": table["title"],
        "dc:description": table["description"],
        "dc:identifier": f"{base}release/{release}/tables/{name}",
        "dc:source": {"@id": f"{base}release/{release}"},
        "tables": [_table(resources[each], keys if each == name else ()) for each in named],
    }
    return csvw.write(members)


def _table(resource: Mapping[str, Any], keys: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "columns": [_column(field) for field in resource["schema"]["fields"]],
        "primaryKey": resource["schema"]["primaryKey"],
    }
    links = [
        {
            "columnReference": key["fields"],
            "reference": {
                "resource": f"{key['reference']['resource']}.csv",
                "columnReference": key["reference"]["fields"],
            },
        }
        for key in keys
    ]
    return {
        "url": f"{resource['name']}.csv",
        "dc:title": resource["title"],
        "dc:description": f"One row is {resource['unit']}. {resource['description']}",
        "rdfs:comment": [f"{limit['what']}: {limit['note']}" for limit in resource["limits"]],
        "tableSchema": schema | ({"foreignKeys": links} if links else {}),
    }


def _column(field: Mapping[str, Any]) -> dict[str, Any]:
    constraints = field.get("constraints", {})
    type: str | dict[str, str] = _TYPES.get(field["type"], field["type"])
    if values := constraints.get("enum"):
        type = {"base": "string", "format": "|".join(re.escape(value).replace("\\-", "-") for value in values)}
    optional = {
        "separator": field.get("separator"),
        "required": constraints.get("required"),
        "rdfs:isDefinedBy": [{"@id": term} for term in field["terms"]],
    }
    return {
        "name": field["name"],
        "titles": field["name"],
        "dc:title": field["title"],
        "dc:description": field["description"],
        "datatype": type,
        **{key: member for key, member in optional.items() if member},
    }
