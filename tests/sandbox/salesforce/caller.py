"""A caller of the Salesforce-shaped server; every refusal has to be an array of errors."""

from __future__ import annotations

from typing import Any

import httpx

VERSION = "v65.0"
DATA = f"/services/data/{VERSION}"
EVENTS = f"{DATA}/sobjects/Event"
RELATIONS = f"{DATA}/sobjects/EventRelation"
HOUR = {"StartDateTime": "2026-05-11T01:00:00Z", "EndDateTime": "2026-05-11T02:00:00Z"}


class Caller:
    """Calls with one session."""

    def __init__(self, url: str, token: str) -> None:
        # Nothing here is encrypted; reading the machine's certificates would take longer than most tests.
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, verify=False, timeout=60)

    def close(self) -> None:
        self._http.close()

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._http.request(method, path, **options)
        if response.status_code >= 400 and response.status_code != 412:
            [error] = response.json()
            assert error["errorCode"] and error["message"]
        return response

    def refused(self, method: str, path: str, **options: Any) -> tuple[int, str, list[str]]:
        """The status, code and fields of a refusal."""
        response = self(method, path, **options)
        assert response.status_code >= 400, response.text
        [error] = response.json()
        return response.status_code, error["errorCode"], error.get("fields", [])

    def create(self, **fields: Any) -> str:
        """Makes an event of an hour and returns its id."""
        return self.add(EVENTS, **({"Subject": "Review"} | HOUR | fields))

    def add(self, path: str, **fields: Any) -> str:
        response = self("POST", path, json=fields)
        assert response.status_code == 201, response.text
        made = response.json()
        assert made["success"] is True and made["errors"] == []
        return str(made["id"])

    def change(self, event_id: str, **fields: Any) -> None:
        response = self("PATCH", f"{EVENTS}/{event_id}", json=fields)
        assert response.status_code == 204, response.text

    def read(self, event_id: str) -> dict[str, Any]:
        response = self("GET", f"{EVENTS}/{event_id}")
        assert response.status_code == 200, response.text
        record: dict[str, Any] = response.json()
        return record

    def query(self, text: str, everything: bool = False) -> list[dict[str, Any]]:
        """The records of a query, through all its pages."""
        page = self("GET", f"{DATA}/{'queryAll' if everything else 'query'}", params={"q": text})
        records: list[dict[str, Any]] = []
        while True:
            assert page.status_code == 200, page.text
            told = page.json()
            records += told["records"]
            if told["done"]:
                assert len(records) == told["totalSize"]
                return records
            page = self("GET", told["nextRecordsUrl"])

    def subjects(self, where: str = "", everything: bool = False) -> list[str]:
        text = f"SELECT Subject FROM Event {f'WHERE {where}' if where else ''} ORDER BY Subject"
        return [record["Subject"] for record in self.query(text, everything)]
