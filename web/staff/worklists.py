"""The lists of work: new, late, returned, in need of a look, answered, in progress; and the search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from channels.table import CHANNELS
from intake.archive import CaseFilter
from intake.attention import LOOKED_FOR
from intake.identity import subjects
from intake.ids import is_id
from intake.lifecycle import State
from intake.looks import record_looks
from intake.people import Actor
from intake.references import InvalidReference, parse_reference, reference_of
from web.i18n import gettext as _
from web.services import Services
from web.staff import access
from web.staff.labels import N_

PAGE = 50
COUNT_LIMIT = 1000
"""Counts stop here (``Archive.count``)."""

_CHANNELS = tuple(channel.name for channel in CHANNELS)
IN_PROGRESS = (State.ASSIGNED, State.IN_PROGRESS, State.AWAITING)


@dataclass(frozen=True, slots=True)
class Tab:
    """One list: what it is called, what is in it, and what an empty one means."""

    key: str
    name: str
    wanted: Callable[[datetime], CaseFilter]
    empty: str


OFFICE_TABS = (
    Tab(
        "new",
        N_("To route"),
        lambda now: CaseFilter(states=(State.TRIAGE,)),
        N_("Every case has found its bureau."),
    ),
    Tab("late", N_("Late"), lambda now: CaseFilter(late_at=now), N_("Nothing is late. Well done.")),
    Tab(
        "returned",
        N_("Returned"),
        lambda now: CaseFilter(attention_of=("returned",)),
        N_("No bureau asks to return a case."),
    ),
    Tab(
        "look",
        N_("Needs a look"),
        lambda now: CaseFilter(attention_of=tuple(map(str, LOOKED_FOR))),
        N_("No new messages, failed deliveries or bad ratings are waiting."),
    ),
    Tab(
        "answered",
        N_("Answered, to check"),
        lambda now: CaseFilter(states=(State.ANSWERED,)),
        N_("No answer waits to be checked."),
    ),
    Tab(
        "same",
        N_("Same matter?"),
        lambda now: CaseFilter(companions=True),
        N_("No case looks like another one."),
    ),
    Tab(
        "progress",
        N_("In progress"),
        lambda now: CaseFilter(states=IN_PROGRESS),
        N_("No bureau has a case at hand. New ones stand under “To route”."),
    ),
)
BUREAU_TABS = (
    Tab(
        "accept",
        N_("To accept"),
        lambda now: CaseFilter(states=(State.ASSIGNED,)),
        N_("No new case for your bureau. Go on with those in progress."),
    ),
    Tab("late", N_("Late"), lambda now: CaseFilter(late_at=now), N_("Nothing is late. Well done.")),
    Tab(
        "progress",
        N_("In progress"),
        lambda now: CaseFilter(states=(State.IN_PROGRESS, State.AWAITING)),
        N_("Nothing is in progress. New cases stand under “To accept”."),
    ),
    Tab(
        "answered",
        N_("Answered"),
        lambda now: CaseFilter(states=(State.ANSWERED,)),
        N_("No answer of yours waits for the office."),
    ),
)
ALL = Tab(
    "all",
    N_("All cases"),
    lambda now: CaseFilter(),
    N_("No case fits. Use fewer words, or clear the filters."),
)


class Worklists:
    """Pages with rows."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff", "worklist", self.office, strict_slashes=False)
        pages.add_url_rule("/staff/parked", "parked", self.parked)
        pages.add_url_rule("/bureau", "bureau_worklist", self.bureau, strict_slashes=False)

    def office(self) -> ResponseReturnValue:
        """The office's lists."""
        return self._list("staff.worklist", OFFICE_TABS)

    def bureau(self) -> ResponseReturnValue:
        """A bureau's lists: only what is theirs (``Archive`` sees to it)."""
        return self._list("staff.bureau_worklist", BUREAU_TABS)

    def _list(self, endpoint: str, tabs: tuple[Tab, ...]) -> ResponseReturnValue:
        asked, query = request.args, request.args.get("q", "").replace("\0", " ").strip()[:200]
        try:
            return redirect(url_for("staff.case", reference=parse_reference(query)), 303)
        except InvalidReference:  # words, or nothing
            chosen = "all" if query else asked.get("tab", "")
        tab = {each.key: each for each in (*tabs, ALL)}.get(chosen, tabs[0])
        who, now = access.actor(), self._services.clock()
        cursor = asked.get("cursor", "")[:100]
        if tab is ALL:
            older = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 12 else None
            page = self._services.archive.cases(who, self._asked_for(query, asked), older, PAGE)
            record_looks(self._services.store, page.by_person, who, "search", now)
        else:
            page = self._services.archive.worklist(who, tab.wanted(now), cursor, PAGE)
        onward: dict[str, Any] = {"tab": tab.key, "cursor": page.next_cursor}
        onward |= {name: asked[name] for name in ("q", "state", "bureau", "channel") if asked.get(name)}
        counts = self._counts(who, tabs, now)
        return render_template(
            "staff/worklist.html",
            endpoint=endpoint,
            tabs=(*tabs, ALL),
            tab=tab,
            counts=counts,
            behind=tab.key == "new" and counts["late"] != "0",
            rows=page.rows,
            leads=self._services.archive.leads(who, page.rows),
            subjects=subjects(self._services.store, who, page.rows),
            reference_of=reference_of,
            query=query,
            asked=asked,
            first=not cursor,
            older=url_for(endpoint, **onward) if page.next_cursor else None,
            states=list(State),
            channels=_CHANNELS,
            bureaus=self._services.county.bureaus,
            directory=self._services.directory,
        )

    def _asked_for(self, query: str, asked: Mapping[str, str]) -> CaseFilter:
        """What the search form asks; what nobody knows is as good as not asked."""
        state, bureau, channel = (asked.get(name, "") for name in ("state", "bureau", "channel"))
        return CaseFilter(
            states=(state,) if state in set(State) else (),
            bureau=bureau if self._services.directory.knows(bureau) else "",
            channel=channel if channel in _CHANNELS else "",
            query=query,
        )

    def _counts(self, who: Actor, tabs: tuple[Tab, ...], now: datetime) -> dict[str, str]:
        found = {tab.key: self._services.archive.count(who, tab.wanted(now)) for tab in tabs}
        return {key: f"{n}+" if n >= COUNT_LIMIT else str(n) for key, n in found.items()}

    def parked(self) -> ResponseReturnValue:
        """Submissions that could not be understood, with what was wrong with them."""
        asked = request.args.get("cursor", "")
        cursor = asked if is_id(asked) else ""
        page = self._services.archive.submissions(access.actor(), state="parked", cursor=cursor, limit=PAGE)
        rows: list[Any] = list(page.rows)
        older = url_for("staff.parked", cursor=page.next_cursor) if page.next_cursor else None
        return render_template(
            "staff/parked.html", rows=rows, reference_of=reference_of, older=older, title=_("Unreadable")
        )
