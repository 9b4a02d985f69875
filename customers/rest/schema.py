"""What every operation of the OpenAPI description has in common: parameters, headers, problems."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_lib_doc_excludes
from drf_spectacular.utils import OpenApiParameter

from customers.rest.etags import EtagMixin
from customers.rest.idempotency import HEADER
from customers.rest.problems import MEDIA_TYPE, TITLES
from customers.rest.serializers import RowSerializer, StrictMixin, StrictSerializer

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901 pointer into the body."},
                    "parameter": {"type": "string", "description": "Name of a query parameter."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


class Schema(AutoSchema):
    def get_override_parameters(self) -> list[OpenApiParameter]:
        found = []
        is_row = isinstance(self.view, EtagMixin)
        action = getattr(self.view, "action", "")
        # What has no serializer is a file, which has no fields.
        if action in ("list", "retrieve") and self.view.serializer_class:
            text = "Names of fields, separated by commas; without it, all."
            found.append(OpenApiParameter("fields", str, description=text))
        if is_row and self.method == "GET" and action == "retrieve":
            found.append(OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER))
        if is_row and self.method != "GET" and self._is_about_one():
            text = "ETag of what was read; 412 if it is not so any more."
            found.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description=text))
        if self.method == "POST":
            text = "The same key again gives the same answer and no second effect."
            found.append(OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description=text))
        return found

    def _is_about_one(self) -> bool:
        return bool(getattr(self.view, "detail", False))


def without_words() -> list[type]:
    """Classes whose docstrings speak to us and not to who uses the API."""
    return [*get_lib_doc_excludes(), StrictMixin, RowSerializer, StrictSerializer]


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """drf-spectacular's POSTPROCESSING_HOOKS: each operation names the problems it can answer with."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    body = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        TITLES[code].replace(" ", ""): {"description": TITLES[code], "content": body} for code in sorted(TITLES)
    }
    schemas = components["schemas"]
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for code in _codes(path, method, operation):
                reference = {"$ref": f"#/components/responses/{TITLES[code].replace(' ', '')}"}
                operation["responses"].setdefault(str(code), reference)
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            if "fields" in names:
                _allow_parts(operation["responses"]["200"]["content"]["application/json"], schemas)
            if "If-None-Match" in names:
                operation["responses"]["304"] = {"description": "Not changed since."}
    return result


def _allow_parts(content: dict[str, Any], schemas: dict[str, Any]) -> None:
    """With `?fields=` the answer lacks what was not asked for: say of no field that it is always there."""
    reference = content["schema"]["$ref"].rpartition("/")[2]
    schema = schemas[reference]
    is_page = "results" in schema["properties"]
    row = schema["properties"]["results"]["items"]["$ref"].rpartition("/")[2] if is_page else reference
    if row.endswith("Part"):  # another list of the same rows was here before
        return
    part = {"$ref": f"#/components/schemas/{row}Part"}
    schemas[f"{row}Part"] = {key: value for key, value in schemas[row].items() if key != "required"}
    if is_page:
        schema["properties"]["results"]["items"] = part
    else:
        content["schema"] = part


def _codes(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    codes = {400, 401, 403, 406, 429}
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    if "{" in path or "page" in names:
        codes.add(404)
    if method != "get":
        codes |= {409}
    if "requestBody" in operation:
        codes |= {413, 415}
    if "If-Match" in names:
        codes.add(412)
    if HEADER in names:
        codes.add(422)
    return codes
