"""Files that come with a form: allowed kinds only, looked at before they are kept, durable before they count.

A file that arrived well is not asked for again when another field was wrong: the form carries a signed
note of it (``kept``) instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from channels.reading import clean
from intake.contracts import StorageUnavailable, StoredAttachment
from web.i18n import _, number
from web.services import Services

MAX_FILES = 10
MAX_FILE_BYTES = 20 * 1024 * 1024
_KEPT_SECONDS = 24 * 3600
_MEGA = 1024 * 1024

Looks = Callable[[bytes], bool]


def _starts(*heads: bytes) -> Looks:
    return lambda content: content.startswith(heads)


def _riff(kind: bytes) -> Looks:
    return lambda content: content[:4] == b"RIFF" and content[8:12] == kind


def _is_text(content: bytes) -> bool:
    return b"\0" not in content[:4096]


def _box(content: bytes) -> bool:
    return content[4:8] == b"ftyp"


_ZIP, _OLE = _starts(b"PK\x03\x04"), _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, tuple[str, Looks]] = {
    "jpg": ("image/jpeg", _starts(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", _starts(b"\xff\xd8\xff")),
    "png": ("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "gif": ("image/gif", _starts(b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", _riff(b"WEBP")),
    "heic": ("image/heic", _box),
    "pdf": ("application/pdf", lambda content: b"%PDF-" in content[:1024]),
    "doc": ("application/msword", _OLE),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xls": ("application/vnd.ms-excel", _OLE),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "wps": ("application/vnd.ms-works", _OLE),
    "txt": ("text/plain", _is_text),
    "mp3": ("audio/mpeg", _starts(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")),
    "m4a": ("audio/mp4", _box),
    "amr": ("audio/amr", _starts(b"#!AMR")),
    "wav": ("audio/wav", _riff(b"WAVE")),
    "mp4": ("video/mp4", _box),
    "mov": ("video/quicktime", _box),
}
"""Extension → media type and how the first bytes of such a file look."""

ACCEPT = ",".join(f".{extension}" for extension in KINDS)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came with the form: files safely stored, and a sentence for what was not taken."""

    files: tuple[StoredAttachment, ...] = ()
    problem: str = ""


class Uploads:
    """Takes files from forms into the blob store."""

    def __init__(self, services: Services) -> None:
        self._blobs = services.blobs
        self._limit = services.max_upload_bytes
        self._notes = URLSafeTimedSerializer(services.secret_key, salt="huiyin kept file")

    def take(self, files: Iterable[FileStorage], notes: Sequence[str] = ()) -> Taken:
        """Store every good file of the form, and those kept from an earlier try.

        Raises :class:`StorageUnavailable` when a file cannot be made durable.
        """
        taken = self.kept(notes)
        problem = ""
        for file in files:
            if not file.filename:
                continue  # an empty file field
            name = clean.filename(file.filename, "file")
            content = file.stream.read(MAX_FILE_BYTES + 1)
            wrong = self._wrong(name, content, taken)
            if wrong:
                problem = problem or wrong
                continue
            stored = self._store(name, content)
            if stored not in taken:
                taken.append(stored)
        return Taken(tuple(taken), problem)

    def kept(self, notes: Sequence[str]) -> list[StoredAttachment]:
        """The files that signed notes speak of; a forged or stale note is left out."""
        found: list[StoredAttachment] = []
        for note in notes[:MAX_FILES]:
            try:
                name, media_type, size, sha256 = self._notes.loads(note, max_age=_KEPT_SECONDS)
            except BadData:
                continue
            found.append(StoredAttachment(name, media_type, size, sha256))
        return found

    def note(self, file: StoredAttachment) -> str:
        """A signed note of a stored file, for the form to carry."""
        return str(self._notes.dumps([file.filename, file.media_type, file.size, file.sha256]))

    def _wrong(self, name: str, content: bytes, taken: Sequence[StoredAttachment]) -> str:
        extension = name.rpartition(".")[2].lower()
        if extension not in KINDS:
            return _(
                "“%(name)s” cannot be taken: send photos, PDF, Word, Excel, text, sound or film.", name=name
            )
        if not content:
            return _("“%(name)s” is empty. Choose it again.", name=name)
        if len(content) > MAX_FILE_BYTES:
            limit = number(MAX_FILE_BYTES // _MEGA)
            return _("“%(name)s” is too large: at most %(limit)s MB a file.", name=name, limit=limit)
        if not KINDS[extension][1](content):
            return _("“%(name)s” is not what its name says, or it is damaged. Choose another.", name=name)
        if len(taken) >= MAX_FILES:
            return _("At most %(limit)s files at once. You can add more to your case later.", limit=MAX_FILES)
        if sum(file.size for file in taken) + len(content) > self._limit:
            limit = number(self._limit // _MEGA)
            return _("The files are too large together: at most %(limit)s MB.", limit=limit)
        return ""

    def _store(self, name: str, content: bytes) -> StoredAttachment:
        media_type = KINDS[name.rpartition(".")[2].lower()][0]
        try:
            return StoredAttachment(name, media_type, len(content), self._blobs.put(content))
        except OSError as error:
            raise StorageUnavailable("the file could not be stored") from error
