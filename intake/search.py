"""Search by words, in Chinese and in Latin script, over an index and never over the archive.

Chinese has no spaces: every two neighbouring characters make a word (bigrams), Latin words and
numbers stay whole. The same words go into SQLite's FTS5 and PostgreSQL's GIN index, so both find the
same cases; a query of several characters becomes a phrase. An English word of three letters or more also
finds the words that begin with it ("lamp" finds "lamps").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from operator import add

from sqlalchemy import Connection, text

from intake.store import Store

MAX_INDEXED = 8_000
"""Characters of a case that are indexed; more would let one mail bloat the index."""

_SHORTEST_BEGINNING = 3
_MOST_ENDINGS = 64
"""Words that one beginning stands for in SQLite: FTS5's own prefix query reads all their rows, however many
there are, while an OR of whole words stops at the page's end."""

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
_RUN = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+")  # “3栋” is a number and a word
_CJK = re.compile(rf"[{_HAN}]")
_UNUSUAL = re.compile(
    "[^\x00-\x7f\u2013-\u2015\u2018-\u201d\u3001-\u3003\u3008-\u3011\u3400-\u4dbf\u4e00-\u9fff"
    "\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f]"
)
"""What NFKC may turn into, or join to, another word. Han and its punctuation it does not."""


def words(content: str) -> list[str]:
    """The index words of a text, in order: bigrams of Chinese (a lone character by itself), words."""
    content, found = content[:MAX_INDEXED], list[str]()
    if _UNUSUAL.search(content):  # normalising costs as much as all the rest
        content = unicodedata.normalize("NFKC", content)
    for run in _RUN.findall(content.casefold()):
        if not _CJK.match(run):
            found.extend(_CJK.sub(" ", _plain(run[:40])).split())
        elif len(run) == 1:
            found.append(run)
        else:
            found.extend(map(add, run, run[1:]))
    return found


def indexed(content: str) -> str:
    """A text as the index takes it: its words, with spaces between."""
    return " ".join(words(content))


def _plain(run: str) -> str:
    """Without accents, as FTS5 reads it: PostgreSQL's words must be the same ones."""
    if run.isascii():
        return run
    return "".join(c for c in unicodedata.normalize("NFD", run) if not unicodedata.combining(c))


def phrases(query: str) -> list[list[str]]:
    """The phrases that a query asks for; all of them must be found."""
    return [found for part in query[:200].split() if (found := words(part))]


def is_beginning(word: str) -> bool:
    """Whether an asked word also means those that begin with it. Figures never: half a number is none."""
    return len(word) >= _SHORTEST_BEGINNING and word.isascii() and word.isalpha()


PARTS = 256
"""How many texts of one case are indexed: the complaint itself and what was added later."""


def slot(number: int, part: int) -> int:
    """The index row of a case's ``part``-th text; slots sort as case numbers do."""
    return number * PARTS + min(part, PARTS - 1)


class SearchIndex:
    """The index of one database: table ``complaint_search(slot, words)``."""

    def __init__(self, store: Store) -> None:
        self._of(sqlite=store.is_sqlite)

    @classmethod
    def behind(cls, connection: Connection) -> SearchIndex:
        """The index of the database at the other end of ``connection``."""
        index = cls.__new__(cls)
        index._of(sqlite=connection.dialect.name == "sqlite")
        return index

    def _of(self, *, sqlite: bool) -> None:
        self._sqlite = sqlite
        self._insert = text(
            "INSERT OR REPLACE INTO complaint_search(rowid, words) VALUES (:slot, :words)"
            if self._sqlite
            else "INSERT INTO complaint_search(slot, words) VALUES (:slot, to_tsvector('simple', :words)) "
            "ON CONFLICT (slot) DO UPDATE SET words = complaint_search.words || EXCLUDED.words"
        )

    def add(self, connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
        """Index texts: pairs of slot and what :func:`indexed` made of the text."""
        rows = [{"slot": place, "words": content} for place, content in entries]
        if rows:
            connection.execute(self._insert, rows)

    def remove(self, connection: Connection, numbers: Sequence[int]) -> None:
        """Forget all texts of these cases."""
        column = "rowid" if self._sqlite else "slot"
        gone = text(f"DELETE FROM complaint_search WHERE {column} >= :first AND {column} < :behind")
        rows = [{"first": number * PARTS, "behind": (number + 1) * PARTS} for number in numbers]
        if rows and self._sqlite:  # FTS5 deletes by the one row
            held = text("SELECT rowid FROM complaint_search WHERE rowid >= :first AND rowid < :behind")
            rows = [{"slot": slot} for row in rows for slot in connection.execute(held, row).scalars()]
            gone = text("DELETE FROM complaint_search WHERE rowid = :slot")
        if rows:
            connection.execute(gone, rows)

    def find(self, connection: Connection, query: str, below: int | None, limit: int) -> list[int]:
        """Case numbers that hold every phrase of ``query``, newest first, smaller than ``below``.

        An empty list when the query holds no word.
        """
        asked = phrases(query)
        if not asked:
            return []
        rows = connection.execute(
            _FIND_SQLITE if self._sqlite else _FIND_POSTGRESQL,
            {
                "match": self._match(connection, asked),
                "below": (below or _BEYOND) * PARTS,
                "limit": limit * 2,  # one case may be found by several of its texts
            },
        )
        return list(dict.fromkeys(place // PARTS for (place,) in rows))[:limit]

    def _match(self, connection: Connection, asked: list[list[str]]) -> str:
        if self._sqlite:
            return " AND ".join(_sqlite_phrase(connection, phrase) for phrase in asked)
        return " & ".join(_postgresql_phrase(phrase) for phrase in asked)


def _sqlite_phrase(connection: Connection, phrase: list[str]) -> str:
    if len(phrase) == 1 and is_beginning(phrase[0]):
        return "(" + " OR ".join(f'"{word}"' for word in _beginning_with(connection, phrase[0])) + ")"
    return '"' + " ".join(phrase) + '"'


def _postgresql_phrase(phrase: list[str]) -> str:
    if len(phrase) == 1 and is_beginning(phrase[0]):
        return f"'{phrase[0]}':*"
    return "(" + " <-> ".join(f"'{word}'" for word in phrase) + ")"


def _beginning_with(connection: Connection, beginning: str) -> list[str]:
    """The index words that begin so, the beginning itself first; each is one look into the index."""
    found, at = [beginning], beginning + _AFTER
    while len(found) < _MOST_ENDINGS:
        word = connection.execute(_NEXT_WORD, {"at": at}).scalar()
        if word is None or not word.startswith(beginning):
            break
        found.append(word)
        at = word + _AFTER
    return found


_BEYOND = 10**11
_AFTER = "\x01"  # sorts before every sign of a word
_NEXT_WORD = text("SELECT term FROM temp.complaint_term WHERE term >= :at LIMIT 1")
_FIND_SQLITE = text(
    "SELECT rowid FROM complaint_search WHERE words MATCH :match AND rowid < :below "
    "ORDER BY rowid DESC LIMIT :limit"
)
_FIND_POSTGRESQL = text(
    "SELECT slot FROM complaint_search WHERE words @@ CAST(:match AS tsquery) AND slot < :below "
    "ORDER BY slot DESC LIMIT :limit"
)
