"""Who plays: citizens with a letter or a browser, the office and the bureaus with their tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from config.demo.browser import Browser, PageRefused
from config.demo.files import attachment
from config.demo.mails import PostBox, mail, message_id
from config.demo.samples import Sample
from config.demo.staff import Api, Refusal

_FIELDS = ("text", "subject", "place", "category", "bureau", "about", "identity", "name", "phone")
_OUTCOMES = {"zh": "已办理。", "en": "It has been done."}


@dataclass(slots=True)
class Player:
    """One sample on its way: sent, registered, worked on."""

    sample: Sample
    external_id: str = ""  # of a mail
    reference: str = ""
    browser: Browser | None = None  # of a form
    refused: list[str] = field(default_factory=list)  # sentences, when something did not go


class Citizens:
    """Send every sample through its own door."""

    def __init__(self, post_box: PostBox, mailbox: str, open_browser: Callable[[str], Browser]) -> None:
        self._post_box = post_box
        self._mailbox = mailbox
        self._open_browser = open_browser
        self._ids: dict[str, str] = {}
        self._number = 0

    def send(self, sample: Sample) -> Player:
        """Send one; raises SMTPException or PageRefused when the door stays shut."""
        self._number += 1
        return self._fill_in(sample) if sample.by == "form" else self._post(sample)

    def _post(self, sample: Sample) -> Player:
        player = Player(sample, message_id())
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
        return Player(sample, reference=page.facts[0], browser=browser)


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
