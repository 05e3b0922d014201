"""A caller of the contract whose every answer is held against the OpenAPI document, and a clock for tests."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def moves_on(self, **by: float) -> None:
        self.now += timedelta(**by)


class Contract:
    """The OpenAPI document, asked whether an answer fits it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource("urn:contract", resource)
        self.seen: set[tuple[str, int]] = set()
        self._validators: dict[str, Draft202012Validator] = {}

    def validator(self, pointer: str) -> Draft202012Validator:
        if pointer not in self._validators:
            schema = {"$ref": f"urn:contract#{pointer}"}
            self._validators[pointer] = Draft202012Validator(
                schema, registry=self._registry, format_checker=FormatChecker()
            )
        return self._validators[pointer]

    def check(self, response: httpx.Response) -> None:
        method = response.request.method.lower()
        path = response.request.url.path.removeprefix("/api")
        template = self._template(path)
        operation = self.document["paths"][template][method]
        described = operation["responses"].get(str(response.status_code), operation["responses"]["default"])
        self.seen.add((operation["operationId"], response.status_code))
        if "$ref" in described:
            described = self.document["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
        if "content" not in described:
            assert response.content == b""
            return
        [(media, content)] = described["content"].items()
        assert response.headers["Content-Type"].split(";")[0] == media, response.text
        self.validator(content["schema"]["$ref"].removeprefix("#")).validate(response.json())
        if "ETag" in described.get("headers", {}):
            assert response.headers["ETag"] == response.json()["etag"]

    def _template(self, path: str) -> str:
        for template in sorted(self.document["paths"], key=lambda text: "{" in text):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return str(template)
        raise AssertionError(f"{path} is not in the document")


class Caller:
    """Calls the CRM with one key; every answer has to fit the document."""

    def __init__(self, base_url: str, key: str, contract: Contract) -> None:
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key}"},
            verify=False,  # plain http on loopback: loading the certificates would cost more than a test
            timeout=60,
        )
        self._base_url = base_url
        self._contract = contract
        self._keys = 0

    def close(self) -> None:
        self._http.close()

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._http.request(method, f"{self._base_url}/{path}", **options)
        self._contract.check(response)
        return response

    def create(self, key: str | None = None, **fields: Any) -> httpx.Response:
        self._keys += 1
        headers = {"Idempotency-Key": key or f"key-number-{self._keys}"}
        return self("POST", "activities?notify_guests=false", json=meeting(**fields), headers=headers)

    def change(self, activity: dict[str, Any], **patch: Any) -> httpx.Response:
        path = f"activities/{activity['id']}?notify_guests=false"
        return self("PATCH", path, json=patch, headers={"If-Match": activity["etag"]})

    def delete(self, activity: dict[str, Any]) -> httpx.Response:
        path = f"activities/{activity['id']}?notify_guests=false"
        return self("DELETE", path, headers={"If-Match": activity["etag"]})

    def list(self, **query: Any) -> dict[str, Any]:
        response = self("GET", "activities", params={"owner": "me", **query})
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json()
        return page


def meeting(**fields: Any) -> dict[str, Any]:
    """The body of a create."""
    hour = {
        "start": {"date_time": "2026-05-11T10:00:00", "time_zone": "Asia/Tokyo"},
        "end": {"date_time": "2026-05-11T11:00:00", "time_zone": "Asia/Tokyo"},
    }
    return {"type": "meeting", "subject": "Quarterly review", **hour, **fields}
