"""Twilio's official client, speaking to Twilio alone, or to the one server that was set in its place.

You are here: sender, calls, reconcile → **client** → Twilio's API. The account's credentials go to
``api.twilio.com`` over TLS or to ``base_url``, and nowhere else; every call has its time limit.
The library is imported when it is first needed: it is large, and most processes never send a text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from channels.reading import clean
from channels.twilio.account import TwilioAccount
from channels.twilio.errors import verdict
from intake.clock import Clock
from intake.contracts import DeliveryFailed

if TYPE_CHECKING:
    from twilio.http.response import Response
    from twilio.rest import Client

API = "https://api.twilio.com"
API_HOST = "api.twilio.com"
TIMEOUT = 15.0  # seconds for connecting, and for each further sign of life


class OneServer:
    """The library's own HTTP client, held to the one server that may know the credentials."""

    def __init__(self, account: TwilioAccount, timeout: float) -> None:
        from twilio.http.http_client import TwilioHttpClient

        self._account = account
        self._timeout = timeout
        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # logs citizens' numbers at INFO
        self._http = TwilioHttpClient(timeout=timeout)
        if account.base_url:  # a proxy for the outside world is not for a server of our own
            self._http.session.trust_env = False

    def request(self, method: str, url: str, **options: Any) -> Response:
        """One call of the API, in time; a redirect is not followed, for it would carry credentials off."""
        options["timeout"] = options.get("timeout") or self._timeout
        options["allow_redirects"] = False
        return self._http.request(method, addressed(self._account, url), **options)


def connect(account: TwilioAccount, timeout: float = TIMEOUT) -> Client:
    """A client of ``account``. Keeps its connections; may be used from several threads."""
    from twilio.rest import Client

    # without an environment of its own the library would read the process's
    return Client(
        account.sid,
        account.token,
        http_client=OneServer(account, timeout),
        environment={"TWILIO_EDGE": ""},
    )


def addressed(account: TwilioAccount, url: str) -> str:
    """``url`` of Twilio's API at the server that is set; raises ValueError for any other host."""
    parts = urlsplit(url)
    if (parts.scheme, parts.netloc) != ("https", API_HOST):
        raise ValueError(f"credentials are not sent to {parts.netloc!r}")
    return account.base_url + url.removeprefix(API) if account.base_url else url


@contextmanager
def failures(clock: Clock) -> Iterator[None]:
    """Turns what goes wrong with one API call into :class:`DeliveryFailed`, by the table of errors."""
    from requests import RequestException
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        yield
    except TwilioRestException as error:
        raise failure(error.code, error.status, clock()) from error
    except TwilioException as error:  # a list that could not be read comes with the whole answer
        answer = error.args[1] if len(error.args) > 1 else None
        status = getattr(answer, "status_code", 0)
        raise failure(None, status if isinstance(status, int) else 0, clock()) from error
    except (RequestException, OSError) as error:
        reason = f"Twilio could not be reached: {type(error).__name__}"
        raise DeliveryFailed(reason, permanent=False) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # an answer that is not Twilio's
        reason = f"the answer of Twilio's API cannot be read: {clean.line(str(error), 100)}"
        raise DeliveryFailed(reason, permanent=False) from error


def failure(code: object, status: int, now: datetime) -> DeliveryFailed:
    """The failure for an API answer with this error code and HTTP status."""
    number = code if isinstance(code, int) and code > 999 else None
    return verdict(number, status).failure(now, number or status)
