"""Files that come with a form: allowed kinds only, looked at before they are kept, durable before they count.

A file that arrived well is not asked for again when another field was wrong: the form carries a signed
note of it (``kept``) instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from channels.reading import clean
from intake.contracts import StorageUnavailable, StoredAttachment
from intake.files.kinds import kind_of
from web.i18n import _, number
from web.services import Services

MAX_FILES = 10
MAX_FILE_BYTES = 20 * 1024 * 1024
_KEPT_SECONDS = 24 * 3600
_MEGA = 1024 * 1024

_OFFICE = "application/vnd.openxmlformats-officedocument"
_WORD, _SHEET = f"{_OFFICE}.wordprocessingml.document", f"{_OFFICE}.spreadsheetml.sheet"
_OLD_OFFICE = "application/msword"  # one container for all the old formats: only the name tells them apart
_FILM = ("video/mp4", "video/quicktime", "video/3gpp", "audio/mp4")  # one container, too (ISO 14496-12)
KINDS: dict[str, tuple[str, ...]] = {
    "jpg": ("image/jpeg",),
    "jpeg": ("image/jpeg",),
    "png": ("image/png",),
    "gif": ("image/gif",),
    "webp": ("image/webp",),
    "heic": ("image/heic", "image/avif"),
    "pdf": ("application/pdf",),
    "doc": ("application/msword", "application/rtf"),
    "docx": (_WORD,),
    "xls": ("application/vnd.ms-excel", _OLD_OFFICE),
    "xlsx": (_SHEET,),
    "wps": ("application/vnd.ms-works", _OLD_OFFICE, _WORD),
    "txt": ("text/plain", "text/vcard", "text/html"),  # words that look like markup are words still
    "mp3": ("audio/mpeg",),
    "m4a": ("audio/mp4", *_FILM),
    "amr": ("audio/amr",),
    "wav": ("audio/wav",),
    "mp4": _FILM,
    "mov": ("video/quicktime", *_FILM),
}
"""Extension → the media type a file is kept under, and what else its content may tell that it is."""

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
        if kind_of(content) not in KINDS[extension]:
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
