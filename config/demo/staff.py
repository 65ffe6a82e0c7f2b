"""The office and the bureaus of the demo: they work through the JSON API, each with a token of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlencode

_TIMEOUT = 30.0
_LONGEST = 16 * 1024 * 1024
_WAIT = ("sending", "changed")
_PATIENCE = 15.0  # seconds that a verb is tried while an answer is still on its way


class Refusal(Exception):
    """The API said no, in its own sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Api:
    """The JSON API of the running service; ``token_for`` gives a bureau's token, or the office's (None)."""

    def __init__(self, host: str, port: int, token_for: Callable[[str | None], str], language: str) -> None:
        self._host, self._port = host, port
        self._token_for = token_for
        self._language = language

    def submission(self, channel: str, external_id: str) -> Mapping[str, Any] | None:
        """The submission with this id, None while there is none."""
        query = urlencode({"channel": channel, "external_id": external_id, "limit": 1})
        items = self._ask("GET", f"/submissions?{query}", None)["items"]
        return items[0] if items else None

    def submission_saying(self, channel: str, words: str) -> Mapping[str, Any] | None:
        """The latest submission of ``channel`` with these words, None while there is none."""
        items = self._ask("GET", f"/submissions?{urlencode({'channel': channel, 'limit': 50})}", None)[
            "items"
        ]
        return next((item for item in items if item["body"] == words), None)

    def complaint(self, reference: str) -> Mapping[str, Any] | None:
        """The case, None while it is not registered yet."""
        try:
            case: Mapping[str, Any] = self._ask("GET", f"/complaints/{quote(reference)}", None)
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise
        return case

    def say(self, reference: str, verb: str, who: str | None, **arguments: str) -> None:
        """Say a verb as the office or as the handler of ``who``; wait while an answer is on its way."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._ask("POST", f"/complaints/{quote(reference)}/verbs/{verb}", who, arguments)
                return
            except Refusal as refusal:
                if refusal.code not in _WAIT or time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def _ask(
        self, method: str, path: str, bureau: str | None, arguments: Mapping[str, str] | None = None
    ) -> Any:
        for attempt in range(5):
            status, answer = self._once(method, path, bureau, arguments)
            if status < 300:
                return answer
            if status != 429:
                break
            time.sleep(attempt + 1)
        error = answer.get("error", {}) if isinstance(answer, dict) else {}
        raise Refusal(status, str(error.get("code", "")), str(error.get("message", f"HTTP {status}")))

    def _once(
        self, method: str, path: str, bureau: str | None, arguments: Mapping[str, str] | None
    ) -> tuple[int, Any]:
        headers = {
            "Authorization": f"Bearer {self._token_for(bureau)}",
            "Accept-Language": self._language,
            "Content-Type": "application/json",
            "Connection": "close",
        }
        body = None if arguments is None else json.dumps(arguments).encode()
        connection = HTTPConnection(self._host, self._port, timeout=_TIMEOUT)
        try:
            connection.request(method, f"/api/v1{path}", body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read(_LONGEST))
        except (OSError, HTTPException, ValueError) as error:
            raise Refusal(0, "", f"the API does not answer: {error}") from error
        finally:
            connection.close()
