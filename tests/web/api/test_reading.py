"""What the API shows of complaints and submissions, to whom, and in which shape."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from intake.verbs import Accept, Answer, Close, Note
from tests.support.worked import CLERK, County, handler
from tests.web.api.conftest import Api
from tests.web.api.shapes import fits


def answered(county: County, **said: Any) -> str:
    reference = county.case(**said)
    county.say(reference, handler("traffic"), Accept())
    county.say(reference, handler("traffic"), Answer("已增加停靠站"))
    return reference


def test_one_complaint_in_full(api: Api, county: County) -> None:
    reference = county.case(
        subject="公交车",
        body="公交车不停站",
        quoted="> 以前的信",
        attachments=[["照片.txt", "text/plain", "abc"]],
    )
    response = api.get(f"/complaints/{reference}")
    assert response.status_code == 200
    found = response.get_json()
    fits("Complaint", found)
    assert found["reference"] == reference
    assert (found["state"], found["channel"], found["body"]) == ("assigned", "email", "公交车不停站")
    assert found["complainant"] == {
        "name": "李一",
        "anonymous": False,
        "contacts": [{"kind": "email", "value": "li@citizen.example", "verified": True}],
    }
    assert found["bureau"] == {"code": "traffic", "name": "交通运输局"}
    assert found["routing"] == {"by": "rule", "rule": "word-公交", "reason": "提到“公交”"}
    assert (found["received_at"], found["due_at"]) == ("2026-03-02T01:00:00Z", "2026-03-07T01:00:00Z")
    [submission] = found["submissions"]
    assert submission["from"] == {"name": "李一", "address": "li@citizen.example"}
    assert (submission["external_id"], submission["quoted"]) == ("m1@citizen.example", "> 以前的信")
    assert submission["attachments"] == [
        {
            "filename": "照片.txt",
            "media_type": "text/plain",
            "size": 3,
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }
    ]
    assert [e["kind"] for e in found["events"]] == ["received", "routed", "assigned"]
    assert [e["seq"] for e in found["events"]] == [1, 2, 3]


def test_a_case_of_its_whole_life_fits_the_shape(api: Api, county: County) -> None:
    reference = answered(county)
    county.deliver()
    county.say(reference, CLERK, Close("resolved"))
    found = api.get(f"/complaints/{reference}").get_json()
    fits("Complaint", found)
    assert (found["state"], found["outcome"], found["answer"]) == ("closed", "resolved", "已增加停靠站")
    assert found["closed_at"] == found["answered_at"] == "2026-03-02T01:00:00Z"


def test_what_nobody_signed_and_what_cannot_be_read_fit_the_shape(api: Api, county: County) -> None:
    for said in ({"contacts": [], "sender_name": ""}, {"unreadable": "nothing to read"}):
        reference = county.case(**said)
        found = api.get(f"/complaints/{reference}").get_json()
        fits("Complaint", found)
        assert found["complainant"] == {"name": "", "anonymous": True, "contacts": []}


@pytest.mark.parametrize(
    ("path", "headers", "name", "reason"),
    [
        ("", {}, "交通运输局", "提到“bus”"),
        ("?lang=en", {}, "Traffic Bureau", "mentions “bus”"),
        ("", {"Accept_Language": "en-GB,en;q=0.8"}, "Traffic Bureau", "mentions “bus”"),
        ("?lang=zh-CN", {"Accept_Language": "en"}, "交通运输局", "提到“bus”"),
        ("", {"Accept_Language": "fr"}, "交通运输局", "提到“bus”"),
    ],
)
def test_names_and_reasons_in_the_callers_language(
    api: Api, county: County, path: str, headers: dict[str, str], name: str, reason: str
) -> None:
    reference = county.case(body="The bus never stops")
    found = api.get(f"/complaints/{reference}{path}", **headers).get_json()
    assert (found["bureau"]["name"], found["routing"]["reason"]) == (name, reason)


def test_an_unchanged_complaint_is_not_sent_again(api: Api, county: County) -> None:
    reference = county.case()
    first = api.get(f"/complaints/{reference}")
    again = api.get(f"/complaints/{reference}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.get_data()) == (304, b"")
    assert len(county.rows("SELECT id FROM look")) == 1  # what is not shown is not a look
    county.say(reference, handler("traffic"), Accept())
    changed = api.get(f"/complaints/{reference}", If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200


def test_pages_walk_through_everything_once(api: Api, county: County) -> None:
    made = {
        county.case(body=f"公交车第{n}次不停", contacts=[["email", f"p{n}@citizen.example", True]])
        for n in range(7)
    }
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/complaints?limit=3&cursor={cursor}").get_json()
        fits("ComplaintList", page)
        seen += [item["reference"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert seen == sorted(made, reverse=True)


def test_filters_narrow_and_empty_ones_do_not(api: Api, county: County) -> None:
    bus = county.case(body="公交车不停站")
    clinic = county.case(
        body="医院排队太久", channel="web", contacts=[["email", "wang@citizen.example", True]]
    )
    nobody = county.case(body="别的事情", contacts=[["email", "zhao@citizen.example", True]])
    county.say(bus, handler("traffic"), Accept())
    table = {
        "state=&bureau=&channel=&q=&cursor=&limit=": {bus, clinic, nobody},
        "state=triage": {nobody},
        "state=triage,in_progress": {nobody, bus},
        "bureau=health": {clinic},
        "channel=web": {clinic},
        "q=排队": {clinic},
        f"q={bus}": {bus},
        "q=没有这样的话": set(),
        "bureau=traffic&state=assigned": set(),
    }
    for question, expected in table.items():
        found = api.get(f"/complaints?{question}").get_json()
        assert {item["reference"] for item in found["items"]} == expected, question


def test_submissions_by_channel_id_and_state(api: Api, county: County) -> None:
    reference = county.case(external_id="abc@mail.example")
    county.send(external_id="later@mail.example", contacts=[["email", "w@citizen.example", True]])
    [done] = api.get("/submissions?channel=email&external_id=abc@mail.example").get_json()["items"]
    fits("ListedSubmission", done)
    assert (done["reference"], done["state"], done["body"]) == (reference, "done", "公交车不停站")
    assert api.get("/submissions?external_id=abc@mail.example").get_json()["items"] == [done]
    [waiting] = api.get("/submissions?state=pending").get_json()["items"]
    fits("ListedSubmission", waiting)
    assert (waiting["reference"], waiting["external_id"]) == (None, "later@mail.example")
    assert api.get("/submissions?state=parked").get_json() == {"items": [], "next_cursor": None}
    first = api.get("/submissions?limit=1").get_json()
    second = api.get(f"/submissions?limit=1&cursor={first['next_cursor']}").get_json()
    assert first["items"] == [waiting]
    assert second == {"items": [done], "next_cursor": None}


def test_a_list_costs_the_same_number_of_queries_however_long(api: Api, county: County) -> None:
    def count() -> int:
        asked: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(county.store.engine, "before_cursor_execute", note)
        assert api.get("/complaints").status_code == 200
        event.remove(county.store.engine, "before_cursor_execute", note)
        return len(asked)

    api.token("reader")
    county.case()
    short = count()
    for n in range(8):
        county.case(contacts=[["email", f"p{n}@citizen.example", True]])
    assert count() == short


# ---------------------------------------------------------------- who may see what


def test_a_bureau_sees_only_its_own_and_its_subordinates(api: Api, county: County) -> None:
    bus = county.case(body="公交车不停站")
    clinic = county.case(body="医院排队", contacts=[["email", "wang@citizen.example", True]])
    listed = api.get("/complaints", "handler:traffic").get_json()["items"]
    assert [item["reference"] for item in listed] == [bus]
    assert api.get(f"/complaints/{bus}", "handler:traffic").status_code == 200
    hidden = api.get(f"/complaints/{clinic}", "handler:traffic")
    missing = api.get("/complaints/26-999999-0", "handler:traffic")
    nonsense = api.get("/complaints/what", "handler:traffic")
    assert {r.status_code for r in (hidden, missing, nonsense)} == {404}
    assert hidden.get_json() == missing.get_json() == nonsense.get_json()
    submissions = api.get("/submissions", "handler:traffic").get_json()["items"]
    assert [item["reference"] for item in submissions] == [bus]
    assert api.get("/submissions?state=pending", "handler:traffic").get_json()["items"] == []


def test_the_accused_finds_nothing(api: Api, county: County) -> None:
    reference = county.case(body="投诉交通局的公交调度员")
    for who in ("handler:traffic", "bureau_leader:traffic-west", "reader:traffic"):
        assert api.get(f"/complaints/{reference}", who).status_code == 404
        assert api.get("/complaints", who).get_json()["items"] == []
        assert api.get("/complaints?q=调度", who).get_json()["items"] == []
        assert api.get("/submissions", who).get_json()["items"] == []


@pytest.mark.parametrize("wish", ["confidential", "anonymous"])
def test_a_bureau_never_learns_who_wished_to_stay_unknown(api: Api, county: County, wish: str) -> None:
    reference = county.case(**{wish: True})
    sent = next(row for row in county.deliver() if row.template == "acknowledgement")
    county.send(
        automatic="bounce",
        contacts=[],
        sender_name="",
        bounces=[[f"{sent.id}@x", "li@citizen.example", "5.1.1", True, "<li@citizen.example> unknown"]],
    )
    county.register()
    for path in (f"/complaints/{reference}", "/complaints", "/submissions"):
        told = api.get(path, "handler:traffic").get_data(as_text=True)
        assert reference in told
        assert "li@citizen.example" not in told, path
        assert "李一" not in told, path
    found = api.get(f"/complaints/{reference}", "handler:traffic").get_json()
    fits("Complaint", found)
    assert "bounced" in [e["kind"] for e in found["events"]]
    assert county.rows("SELECT id FROM look") == []
    assert "li@citizen.example" in api.get(f"/complaints/{reference}", "clerk").get_data(as_text=True)


def test_each_look_at_who_complained_is_on_the_record(api: Api, county: County) -> None:
    county.case()
    county.case(contacts=[["email", "wang@citizen.example", True]])
    api.get("/complaints", "handler:traffic")
    api.get("/submissions", "reader")
    looks = county.rows("SELECT actor, what FROM look ORDER BY id")
    assert len(looks) == 4
    assert all(what == "api" for _, what in looks)
    assert '"kind":"handler"' in looks[0][0]
    assert '"kind":"reader"' in looks[3][0]


def test_a_bureau_reads_no_name_in_what_was_written(api: Api, county: County) -> None:
    """Who wished to stay unknown may still have signed the letter, its title or a file (promise 7)."""
    reference = county.case(
        confidential=True, subject="李一投诉公交", body="公交车不停站。李一，li@citizen.example"
    )
    county.say(reference, CLERK, Note("李一来过电话"))
    for path in (f"/complaints/{reference}", "/complaints", "/submissions"):
        told = api.get(path, "handler:traffic").get_data(as_text=True)
        assert reference in told
        assert "公交车不停站" in told
        for trace in ("李一", "li@citizen.example"):
            assert trace not in told, path
    for query in ("李一", "li@citizen.example"):
        assert api.get(f"/complaints?q={query}", "handler:traffic").get_json()["items"] == []
        assert len(api.get(f"/complaints?q={query}", "clerk").get_json()["items"]) == 1
    found = api.get(f"/complaints/{reference}", "handler:traffic").get_json()
    assert found["submissions"][0]["external_id"] == ""  # a Message-ID may name its writer's machine
