"""The county's own files load; anything wrong with them is told by file, line and key."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from routing.duration import Duration
from routing.office import load_office
from routing.schedule_file import load_calendar, load_chasing, load_ladder
from routing.toml_source import ConfigurationError
from tests.routing.samples import GAOYAO, SHANGHAI, at, calendar, office, shown

CHASING = (GAOYAO / "chasing.toml").read_text(encoding="utf-8")
OFFICE = (GAOYAO / "office.toml").read_text(encoding="utf-8")


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_sample_county_loads() -> None:
    assert shown(load_ladder(GAOYAO, office()).answer_due("urgent", at("2026-03-09 10:00"))) == (
        "Thu 2026-03-12 17:30"
    )
    assert office().zone == SHANGHAI
    assert office().mail == "complaints@gaoyao.example"
    assert [contact.value for contact in office().leaders] == ["leader@office.gaoyao.example"]


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('answer = "15wd"', 'answer = "15 days"', "deadlines.ordinary.answer", 'cannot read "15 days"'),
        ('answer = "15wd"', 'answer = "0"', "deadlines.ordinary.answer", "above 0"),
        ('answer = "15wd"', 'answer = "-15wd"', "deadlines.ordinary.answer", "above 0"),
        ('answer = "15wd"', 'answer = "+15wd"', "deadlines.ordinary.answer", "above 0"),
        ('answer = "15wd"', "answer = 15", "deadlines.ordinary.answer", "must be a text in quotes"),
        ('answer = "15wd"', 'answr = "15wd"', "deadlines.ordinary.answr", 'is "answer" meant?'),
        ('answer = "15wd"', 'answer = "15wd"\nsing = "1wd"', "deadlines.ordinary.sing", "not known"),
        ("[deadlines.complex]", "[deadlines.complx]", "deadlines.complx", 'is "complex" meant?'),
        ('at = "-2wd"', 'at = "-5wd"', "stage.answer.step[2].at", "later than the step before it"),
        ('kind = "supervise"', 'kind = "supervize"', "stage.accept.step[4].kind", "must be one of"),
        ('to = ["handler"]', 'to = ["handlr"]', "stage.accept.step[1].to[1]", "must be one of"),
        ('to = ["handler"]', "to = []", "stage.accept.step[1].to", "at least one level"),
        ('kind = "lapse"', 'kind = "remind"', "stage.complete.step[3].kind", 'is "lapse"'),
        ('kind = "urge"', 'kind = "lapse"', "stage.route.step[1].kind", 'is "lapse"'),
        ("[[stage.look.step]]", "[[stage.lok.step]]", "stage.lok", 'is "look" meant?'),
    ],
)
def test_a_wrong_chasing_file(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    assert old in CHASING
    file = tmp_path / "chasing.toml"
    file.write_text(CHASING.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_chasing(file, calendar())
    assert (caught.value.file, caught.value.key) == (str(file), key)
    assert says in caught.value.problem.en
    near = line_of(CHASING, old)
    assert caught.value.line is not None
    assert near <= caught.value.line <= near + 1


@pytest.mark.parametrize("stage", ["route", "accept", "answer", "check", "look"])
def test_chasing_that_would_end_is_refused(tmp_path: Path, stage: str) -> None:
    """Promise 4: without a repeating last step an open case would one day have no next date."""
    head, _, tail = CHASING.partition(f"[[stage.{stage}.step]]")
    every = tail.index("every = ")
    file = tmp_path / "chasing.toml"
    file.write_text(
        head + f"[[stage.{stage}.step]]" + tail[:every] + tail[tail.index("\n", every) :], encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match="chasing goes on until someone acts") as caught:
        load_chasing(file, calendar())
    assert caught.value.key.startswith(f"stage.{stage}.step")


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ('[[day]]\ndate = "2026-10-01"\nkind = "off"\nname = "x"', 2, "day[1].date", "must be a date"),
        (
            '[[day]]\ndate = 2026-10-01\nkind = "of"\nname = "x"',
            3,
            "day[1].kind",
            "must be one of: off, work",
        ),
        ('[[day]]\ndate = 2026-10-01\nkind = "off"', 1, "day[1]", '"name" is missing'),
        (
            '[[day]]\ndate = 2026-10-02\nuntil = 2026-10-01\nkind = "off"\nname = "x"',
            3,
            "day[1].until",
            "before",
        ),
        (
            '[[day]]\ndate = 2026-10-02\nuntil = 2027-10-01\nkind = "off"\nname = "x"',
            3,
            "day[1].until",
            "31 days",
        ),
        ('[[day]]\ndate = 0001-01-01\nkind = "off"\nname = "x"', 2, "day[1].date", "check the year"),
        ("decreed = [2026, 20]", 1, "decreed[2]", "between 1950 and 2200"),
        ("decred = [2026]", 1, "decred", 'is "decreed" meant?'),
        (
            '[[day]]\ndate=2026-10-01\nkind="off"\nname="x"\n[[day]]\ndate=2026-10-01\nkind="work"\nname="y"',
            6,
            "day[2].date",
            "2026-10-01 is given twice",
        ),
    ],
)
def test_a_wrong_calendar_file(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_calendar(file, office())
    assert (caught.value.line, caught.value.key) == (line, key)
    assert says in caught.value.problem.en


def test_the_office_overrules_the_library(tmp_path: Path) -> None:
    """A typhoon on Fri 6 March, National Day's Thursday worked after all, Sat 10 October not."""
    file = tmp_path / "calendar.toml"
    file.write_text(
        '[[day]]\ndate = 2026-03-06\nkind = "off"\nname = "台风"\n'
        '[[day]]\ndate = 2026-10-01\nkind = "work"\nname = "值守"\n'
        '[[day]]\ndate = 2026-10-10\nkind = "off"\nname = "搬迁"\n',
        encoding="utf-8",
    )
    local = load_calendar(file, office())
    assert not local.is_working_day(date(2026, 3, 6))
    assert local.is_working_day(date(2026, 10, 1))
    assert not local.is_working_day(date(2026, 10, 2))  # the library's, as before
    assert not local.is_working_day(date(2026, 10, 10))
    said = local.explain(at("2026-09-30 10:00"), at("2026-10-12 17:30")).zh
    assert said == "跳过10月2日–7日国庆节、10月10日–11日搬迁；计入10月1日值守"


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("Asia/Shanghai", "Asia/Shanghia", "office.zone", "no time zone"),
        ("Asia/Shanghai", "../../etc/passwd", "office.zone", "no time zone"),
        ("Asia/Shanghai", "Asia", "office.zone", "no time zone"),
        ("09:00-12:00", "9-12", "office.hours[1]", "must look like 09:00-12:00"),
        ("14:30-17:30", "11:30-17:30", "office.hours[2]", "without overlap"),
        ('["09:00-12:00", "14:30-17:30"]', "[]", "office.hours", "at least one span"),
        ("complaints@gaoyao.example", "complaints", "office.mail", "not an e-mail address"),
        ("+12025550118", "2025550118", "office.phone", "country code"),
        ('["duty@office.gaoyao.example"]', "[]", "contacts.office", "at least one address"),
        ("leader@office", "leader office", "contacts.office_leader[1]", "not an e-mail address"),
        ("+12025550119", "2025550119", "office.person", "country code"),
        ('call_from = "09:00"', 'call_from = "9:00"', "phone.call_from", "must be a time like 09:00"),
        ('call_until = "19:00"', 'call_until = "08:00"', "phone.call_until", "later than call_from (09:00)"),
        ("call_until", "call_till", "phone.call_till", 'is "call_until" meant?'),
        ('envelope = "gb"', 'envelope = "c5"', "letters.envelope", "gb"),
        (
            "return_address_en",
            "return_adress_en",
            "letters.return_adress_en",
            'is "return_address_en" meant?',
        ),
        ("postal_en", "postal_english", "office.postal_english", 'is "postal_en" meant?'),
    ],
)
def test_a_wrong_office_file(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    assert old in OFFICE
    file = tmp_path / "office.toml"
    file.write_text(OFFICE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_office(tmp_path)
    assert (caught.value.key, caught.value.line) == (key, line_of(OFFICE, old))
    assert says in caught.value.problem.en


def test_the_holidays_library_waits_until_an_undecreed_year_is_asked_for() -> None:
    """It costs up to a second and 28 MB, which a process that only receives mail should not pay."""
    program = (
        "import sys; from datetime import date; from tests.routing.samples import calendar;"
        "calendar().is_working_day(date(2026, 10, 10)); print('holidays' in sys.modules);"
        "calendar().is_working_day(date(2090, 10, 10)); print('holidays' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=GAOYAO.parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("written", ["", "wd", "1", "1w", "1.5wd", "1 wd", "--1wd", "1000wd", "１wd", "00"])
def test_a_duration_is_written_one_way(written: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        Duration.parse(written)


@pytest.mark.parametrize(
    ("written", "moment"),
    [  # around Fri 2026-10-09 17:30
        ("0", "Fri 2026-10-09 17:30"),
        ("+1wd", "Sat 2026-10-10 09:00"),  # a Saturday that is worked
        ("-3wd", "Tue 2026-09-29 09:00"),  # over National Day
        ("-4wh", "Fri 2026-10-09 11:00"),
        ("-3wh", "Fri 2026-10-09 14:30"),  # after the break, not before it
        ("-6wh", "Fri 2026-10-09 09:00"),
        ("+2wh", "Sat 2026-10-10 11:00"),
        ("-3d", "Tue 2026-10-06 09:00"),
        ("+2d", "Sun 2026-10-11 09:00"),
    ],
)
def test_moments_around_a_deadline(written: str, moment: str) -> None:
    due = calendar().closing(date(2026, 10, 9))
    assert shown(Duration.parse(written).moment(calendar(), due)) == moment
