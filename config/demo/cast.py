"""Who plays: citizens with letter, browser or telephone; office and bureaus with their tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from config.demo.browser import Browser, PageRefused
from config.demo.files import attachment
from config.demo.mails import PostBox, mail, message_id
from config.demo.pocket import Chats, Texts, key_of, words_of
from config.demo.samples import Sample, without_pocket
from config.demo.staff import Api, Refusal

_FIELDS = ("text", "subject", "place", "category", "bureau", "about", "identity", "name", "phone")
_OUTCOMES = {"zh": "已办理。", "en": "It has been done."}


@dataclass(slots=True)
class Player:
    """One sample on its way: sent, registered, worked on."""

    sample: Sample
    channel: str = "email"
    external_id: str = ""  # of a mail or a text
    words: str = ""  # of a chat, which is found by what it says
    reference: str = ""
    browser: Browser | None = None  # of a form
    reply: Callable[[str], object] | None = None  # of who can answer by a word
    refused: list[str] = field(default_factory=list)  # sentences, when something did not go


class Citizens:
    """Send every sample through its own door."""

    def __init__(
        self,
        post_box: PostBox,
        mailbox: str,
        open_browser: Callable[[str], Browser],
        pocket: tuple[Texts, Chats] | None = None,
    ) -> None:
        """``pocket``: telephones that text and chat; without them everything comes by mail and form."""
        self._pocket = pocket
        self._post_box = post_box
        self._mailbox = mailbox
        self._open_browser = open_browser
        self._ids: dict[str, str] = {}
        self._number = 0

    def send(self, sample: Sample) -> Player:
        """Send one; raises SMTPException or PageRefused when the door stays shut."""
        self._number += 1
        if sample.pocket and self._pocket is not None:
            return self._take_out(sample, *self._pocket)
        return self._fill_in(sample) if sample.by == "form" else self._post(without_pocket(sample))

    def _take_out(self, sample: Sample, texts: Texts, chats: Chats) -> Player:
        words = words_of(sample)
        if sample.pocket == "text":
            sid = texts.send(sample, words)
            return Player(sample, "sms", sid, reply=lambda said: texts.send(sample, said))
        files = [attachment(sample.attach, self._number)] if sample.attach else []
        chats.send(sample, words, files)
        return Player(sample, "telegram", words=words, reply=lambda said: chats.send(sample, said, []))

    def _post(self, sample: Sample) -> Player:
        player = Player(sample, external_id=message_id())
        content = mail(sample, player.external_id, self._mailbox, self._ids, self._number)
        self._ids[sample.key] = player.external_id
        self._post_box.send(sample.address, self._mailbox, content)
        return player

    def _fill_in(self, sample: Sample) -> Player:
        browser = self._open_browser(sample.language)
        values = {name: str(getattr(sample, name)) for name in _FIELDS if getattr(sample, name)}
        if sample.email:
            values["email"] = sample.address
        files = [attachment(sample.attach, self._number)] if sample.attach else []
        page = browser.submit(browser.get("/complain").form("/complain"), values, files)
        if page.status != 200 or len(page.facts) < 2:
            raise PageRefused(f"the form of “{sample.key}” came back (HTTP {page.status})")
        return Player(sample, "web", reference=page.facts[0], browser=browser)


class Steps:
    """What happens to a case after it was registered, one step at a time."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def take(self, player: Player, step: str) -> None:
        """Take a step of ``samples.toml``; what is refused is noted with the player."""
        name, _, value = step.partition(":")
        try:
            if name in ("rate", "reply", "withdraw"):
                self._as_citizen(player, name, value)
            else:
                self._as_staff(player, name, value)
        except (Refusal, PageRefused) as error:
            player.refused.append(f"{player.reference} {step}: {error}")

    def _as_citizen(self, player: Player, name: str, value: str) -> None:
        if player.reply is not None and name == "rate":
            player.reply(key_of(value))
            return
        if player.browser is None:
            raise PageRefused("only who used the web form can do this on the web")
        sample = player.sample
        address, values = {
            "rate": ("/track/rate", {"value": value}),
            "reply": ("/track/add", {"text": sample.reply}),
            "withdraw": ("/track/withdraw", {"reason": sample.reason}),
        }[name]
        player.browser.submit(player.browser.get("/track").form(address), values)

    def _as_staff(self, player: Player, name: str, value: str) -> None:
        sample, reference = player.sample, player.reference
        if name == "assign":
            self._api.say(reference, "assign", None, bureau=value)
            return
        if name == "close":
            self._api.say(reference, "close", None, outcome=value)
            return
        if name == "note":
            self._api.say(reference, "note", None, text=sample.note)
            return
        case = self._api.complaint(reference)
        bureau = case["bureau"]["code"] if case else None
        arguments = {
            "accept": {},
            "answer": {"text": sample.answer or _OUTCOMES[sample.language]},
            "ask": {"question": sample.question},
            "return": {"reason": sample.reason},
        }[name]
        self._api.say(reference, name, bureau, **arguments)
