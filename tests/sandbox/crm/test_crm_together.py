"""Several callers of the sandbox CRM at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from soroe.sandbox.crm import CrmSandbox, User
from tests.sandbox.crm.caller import Caller, Contract


def test_two_laptops_that_create_the_same_activity_at_once_make_one(
    crm: CrmSandbox, sato: User, contract: Contract
) -> None:
    laptops = [Caller(crm.base_url, crm.api_key_for(sato), contract) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda laptop: laptop.create(external_id="mark-1", key=f"key-{id(laptop)}"), laptops))
    for laptop in laptops:
        laptop.close()
    [made] = crm.activities()
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("existing_id", made.id) for answer in answers} == {made.id}


def test_of_two_changes_at_once_one_is_told_to_read_again(crm: CrmSandbox, sato: User, contract: Contract) -> None:
    laptops = [Caller(crm.base_url, crm.api_key_for(sato), contract) for _ in range(2)]
    created = laptops[0].create().json()
    with ThreadPoolExecutor(2) as pool:
        subjects = ("From the office", "From home")
        answers = list(pool.map(lambda laptop, subject: laptop.change(created, subject=subject), laptops, subjects))
    for laptop in laptops:
        laptop.close()
    [winner] = [answer.json()["subject"] for answer in answers if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert crm.activity(created["id"]).content.subject == winner


def test_a_reader_sees_every_activity_while_others_are_being_made(
    crm: CrmSandbox, sato: User, contract: Contract
) -> None:
    reader = Caller(crm.base_url, crm.api_key_for(sato), contract)
    start, end = datetime(2026, 5, 11, 10), datetime(2026, 5, 11, 11)
    for number in range(20):
        crm.user_creates(sato, f"Before {number}", start, end)
    page, seen = reader.list(limit=7), set[str]()
    for number in range(20):
        seen |= {item["id"] for item in page["items"]}
        crm.user_creates(sato, f"Meanwhile {number}", start, end)
        page = reader.list(limit=7, cursor=page["next_cursor"])
    while True:
        seen |= {item["id"] for item in page["items"]}
        if not page["has_more"]:
            break
        page = reader.list(limit=7, cursor=page["next_cursor"])
    reader.close()
    assert seen == {activity.id for activity in crm.activities(sato)}
