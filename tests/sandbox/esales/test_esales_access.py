"""Who may call the eSales-shaped server, and what every call has to say."""

from __future__ import annotations

import pytest

from soroe.sandbox.esales import Employee, EsalesSandbox
from tests.sandbox.esales.caller import EMPLOYEES, SCHEDULES, TOKYO, Caller


def test_a_call_without_the_zone_of_its_times_is_refused(call: Caller) -> None:
    answer = call("GET", f"{SCHEDULES}/scheduleKinds", headers={"Authorization": f"Bearer {call.token}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "timezone_missing")
    there_is_none = {"Authorization": f"Bearer {call.token}", "X-ESM-TIMEZONE": "Mars/Base"}
    assert call("GET", f"{SCHEDULES}/scheduleKinds", headers=there_is_none).status_code == 400


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic {token}", "bearer {token}"])
def test_a_call_without_a_good_token_is_refused(call: Caller, authorization: str) -> None:
    headers = {"Authorization": authorization.replace("{token}", call.token), **TOKYO}
    assert call("GET", f"{SCHEDULES}/scheduleKinds", headers=headers).status_code == 401


def test_a_token_that_was_taken_back_opens_nothing(esales: EsalesSandbox, call: Caller) -> None:
    esales.revoke_tokens()
    assert call("GET", f"{SCHEDULES}/scheduleKinds").status_code == 401


def test_another_company_is_not_there(call: Caller) -> None:
    answer = call("POST", EMPLOYEES.replace("sandbox", "other") + "/search", {"condition": []})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_tenant")


def test_an_employee_is_found_by_his_mail(esales: EsalesSandbox, call: Caller, sato: Employee) -> None:
    esales.add_employee("suzuki@example.com", "鈴木", google_account="")
    wanted = {"column": "mail", "operator": "=", "ref": False, "value": sato.mail}
    found = call("POST", f"{EMPLOYEES}/search", {"condition": [wanted]}).json()
    assert found["total"] == 1
    assert found["items"][0]["google_account"] == "sato@example.com"
    everybody = call("POST", f"{EMPLOYEES}/search", {"condition": [], "offset": 1, "limit": 2}).json()["items"]
    assert [one["google_account"] for one in everybody] == ["sato@example.com", None]
    assert call("GET", f"{EMPLOYEES}/{sato.id}").json()["name"] == "佐藤 健"
    assert call("GET", f"{EMPLOYEES}/99").status_code == 404
