"""Files that lie with a provider, the words of recordings, and how far something was read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from intake.bookmarks import Bookmarks, NotOurs
from intake.case_filter import CaseFilter
from intake.contracts import FetchFailed, ReadAttachment
from intake.people import SYSTEM
from intake.refusals import Refused
from intake.tracking import Tracking
from intake.transcripts import STAFF
from intake.verbs import Transcribe
from tests.intake.test_conversations import newest, sound
from tests.support.talking import OTHER, PHONE, Engine, Files, TalkingCounty
from tests.support.worked import ADMIN, CLERK, handler

VOICE = ReadAttachment("v.wav", "audio/wav", b"RIFF----WAVE")
PHOTO = ReadAttachment("p.jpg", "image/jpeg", b"\xff\xd8\xff")


def sent(county: TalkingCounty, *sources: str, body: str = "公交车不停站") -> str:
    return county.hear(body, remote=[[source, f"{source}.bin", "application/x"] for source in sources])


def test_a_picture_is_fetched_once(talking: TalkingCounty) -> None:
    key = sent(talking, "photo")
    files = Files(photo=PHOTO)
    worker = talking.fetcher(files)
    assert (worker.work(), worker.work()) == (1, 0)
    [(home, name, size, sha)] = talking.rows("SELECT submission_id, filename, size, sha256 FROM attachment")
    assert (home, name, size) == (key, "p.jpg", 3)
    assert talking.blobs.get(sha) == PHOTO.content
    assert talking.rows("SELECT count(*) FROM transcript") == [(0,)]
    sound(talking)


@pytest.mark.parametrize("permanent", [True, False])
def test_a_file_that_cannot_be_had_becomes_work(talking: TalkingCounty, permanent: bool) -> None:
    sent(talking, "gone", "photo")
    talking.deliver()
    files = Files(gone=FetchFailed("500", permanent=permanent), photo=PHOTO)
    worker = talking.fetcher(files)
    for _ in range(20):
        worker.work()
        talking.clock.advance(hours=1)
    assert files.fetched.count("gone") == (1 if permanent else 8)
    assert files.fetched.count("photo") == 1
    assert talking.row(newest(talking)).attention == "unfetched"
    [(told,)] = talking.rows("SELECT data FROM event WHERE kind = 'unfetched'")
    assert "gone.bin" in told
    sound(talking)


def test_a_disk_that_is_away_costs_no_file(talking: TalkingCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(talking, "photo")
    talking.deliver()
    worker = talking.fetcher(Files(photo=PHOTO))

    def full(content: bytes) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as away:
        away.setattr(talking.blobs, "put", full)
        for _ in range(20):  # far more often than a file is asked for
            assert worker.work() == 1
            talking.clock.advance(minutes=10)
    assert talking.rows("SELECT state, error FROM remote_file") == [("pending", "storage: OSError")]
    assert worker.work() == 1
    assert talking.rows("SELECT state, error FROM remote_file") == [("done", None)]
    assert talking.row(newest(talking)).attention is None
    sound(talking)


def test_a_channel_without_an_account_says_so(talking: TalkingCounty) -> None:
    sent(talking, "photo")
    talking.sql("UPDATE remote_file SET channel = 'carrier-pigeon'")
    talking.fetcher(Files()).work()
    assert "carrier-pigeon" in talking.rows("SELECT error FROM remote_file")[0][0]


def test_a_worker_that_lost_its_lease_keeps_nothing(talking: TalkingCounty) -> None:
    sent(talking, "photo")

    class Slow(Files):
        def fetch(self, file: object) -> ReadAttachment:
            talking.sql("UPDATE remote_file SET owner = 'another'")
            return PHOTO

    talking.fetcher(Slow()).work()
    assert talking.rows("SELECT count(*) FROM attachment") == [(0,)]


def test_a_recordings_words_route_the_case_and_can_be_found(talking: TalkingCounty) -> None:
    key = sent(talking, "voice", body="（录音）")
    reference = newest(talking)
    assert talking.row(reference).state == "triage"
    talking.fetcher(Files(voice=VOICE)).work()
    engines = [Engine("yue", "唔知"), Engine("zh-Hans", "公交车不停站")]
    assert talking.scribe(engines).work() == 1
    [(body,)] = talking.rows("SELECT body FROM submission WHERE id = :key", key=key)
    assert body == "公交车不停站"
    row = talking.row(reference)
    assert (row.state, row.bureau) == ("assigned", "traffic")
    found = talking.archive.cases(ADMIN, CaseFilter(query="不停站"))
    assert [case.number for case in found.rows] == [row.number]
    assert talking.rows("SELECT engine, state FROM transcript") == [("engine-zh-Hans", "done")]
    sound(talking)


def test_nobody_knows_the_language(talking: TalkingCounty) -> None:
    sent(talking, "voice", body="（录音）")
    talking.fetcher(Files(voice=VOICE)).work()
    assert talking.scribe([Engine("yue", "唔知")]).work() == 1
    assert talking.rows("SELECT engine, state FROM transcript") == [(None, "done")]
    assert talking.rows("SELECT body FROM submission") == [("（录音）",)]


def test_what_staff_wrote_down_stays(talking: TalkingCounty) -> None:
    key = sent(talking, "voice", body="（录音）")
    reference = newest(talking)
    talking.fetcher(Files(voice=VOICE)).work()
    [(attachment,)] = talking.rows("SELECT id FROM attachment")
    assert talking.transcripts.record(key, attachment, "公教车", "twilio")
    talking.say(reference, CLERK, Transcribe(key, "公交车", STAFF))
    assert not talking.transcripts.record(key, attachment, "共交车", "twilio")
    assert talking.rows("SELECT body FROM submission") == [("公交车",)]
    assert talking.scribe([Engine("zh-Hans", "x")]).work() == 0
    for actor in (handler("traffic"),):
        with pytest.raises(Refused, match="role"):
            talking.say(reference, actor, Transcribe(key, "x", STAFF))
    with pytest.raises(Refused, match="no such case"):
        talking.say(reference, SYSTEM, Transcribe("0" * 32, "x", "e"))
    sound(talking)


def test_words_that_are_quicker_than_their_recording_are_kept(talking: TalkingCounty) -> None:
    key = sent(talking, "voice", body="（录音）")
    assert talking.transcripts.record(key, None, "公交车不停站", "twilio")
    assert not talking.transcripts.record(key, None, "又一次", "twilio")  # reported twice
    assert talking.rows("SELECT body FROM submission") == [("公交车不停站",)]
    talking.fetcher(Files(voice=VOICE)).work()
    assert talking.scribe([Engine("zh-Hans", "rougher")]).work() == 0
    assert talking.rows("SELECT count(*) FROM attachment") == [(1,)]
    assert talking.rows("SELECT body FROM submission") == [("公交车不停站",)]
    sound(talking)


def test_an_engine_that_is_away_is_asked_again_but_not_for_ever(talking: TalkingCounty) -> None:
    sent(talking, "voice", body="（录音）")
    talking.fetcher(Files(voice=VOICE)).work()
    talking.deliver()

    class Away(Engine):
        def transcribe(self, recording: bytes, media_type: str, language: str) -> None:
            raise FetchFailed("503", permanent=False)

    scribe = talking.scribe([Away("zh-Hans", "")])
    taken = 0
    for _ in range(20):
        taken += scribe.work()
        talking.clock.advance(hours=1)
    assert taken == 6
    assert talking.rows("SELECT state, error FROM transcript") == [("parked", "503")]
    sound(talking)


def test_one_reader_at_a_time_and_never_backwards(talking: TalkingCounty) -> None:
    marks, now, lease = Bookmarks(talking.store), talking.clock(), timedelta(seconds=30)
    assert marks.take("bot", "a", now, lease) == 0
    assert marks.take("bot", "b", now, lease) is None
    update = talking.submission(channel="telegram", body="公交", contacts=[["telegram", "42", True]])
    receipts = talking.inbox.accept_together([update], lambda c: marks.set(c, "bot", "a", 7))
    assert [receipt.duplicate for receipt in receipts] == [False]
    assert marks.value("bot") == 7

    def steal(connection: Connection) -> None:
        marks.set(connection, "bot", "b", 9)

    with pytest.raises(NotOurs):
        talking.inbox.accept_together([talking.submission(channel="telegram", body="x")], steal)
    assert talking.rows("SELECT count(*) FROM submission") == [(1,)]
    assert marks.renew("bot", "a", now, lease)
    assert marks.take("bot", "b", now + timedelta(minutes=1), lease) == 7
    assert not marks.renew("bot", "a", now, lease)
    marks.release("bot", "b")
    assert marks.take("bot", "c", now, lease) == 7


def test_messages_that_come_together_are_filed_in_their_order(talking: TalkingCounty) -> None:
    from dataclasses import replace

    bodies = ["公交车不停站", *(f"补：{n}" for n in range(30))]
    batch = [
        replace(
            talking.submission(channel="telegram", body=body, contacts=[["telegram", "42", True]]),
            conversation="telegram:42",
        )
        for body in bodies
    ]
    talking.inbox.accept_together(batch, lambda connection: None)
    talking.work()
    written = [body for (body,) in talking.rows("SELECT body FROM submission ORDER BY id")]
    assert written == bodies
    assert talking.rows("SELECT count(*) FROM complaint") == [(1,)]


def test_the_cases_of_a_telephone(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "医院排队太久")
    talking.hear("房子漏水", phone=OTHER)
    tracked = Tracking(talking.store).of_contact("phone", PHONE)
    assert [t.submissions[0].body for t in tracked] == ["医院排队太久", "公交车不停站"]
    assert Tracking(talking.store).of_contact("phone", PHONE, limit=1) == tracked[:1]
    assert Tracking(talking.store).of_contact("phone", "+12025550199") == ()
