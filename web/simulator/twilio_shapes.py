"""Twilio's JSON: messages, calls, recordings, lists and errors, with the fields its library reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from flask import Response, jsonify

from channels.twilio.account import TwilioAccount
from web.simulator.stage import Item
from web.simulator.texts import media_sid

Shape = Callable[[TwilioAccount, Item], dict[str, Any]]

ERRORS: Mapping[int, tuple[int, str]] = {
    # code: HTTP status, message
    20001: (400, "Unknown parameters: {0}"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    21205: (400, "Url is not a valid URL: {0}"),
    21210: (400, "'From' phone number not verified: {0}"),
    21211: (400, "Invalid 'To' Phone Number: {0}"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number {0} is not a valid, message-capable Twilio phone number."),
    21609: (400, "The 'StatusCallback' URL {0} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
}


def error(code: int, what: str = "") -> Response:
    """An error as Twilio says it."""
    status, message = ERRORS[code]
    more = f"https://www.twilio.com/docs/errors/{code}"
    response = jsonify(
        {"code": code, "message": message.format(what[:200]), "more_info": more, "status": status}
    )
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def when(moment: datetime) -> str:
    """RFC 2822, in UTC."""
    return format_datetime(moment)


def _base(account: TwilioAccount, path: str) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account.sid}/{path}"
    return {"account_sid": account.sid, "api_version": "2010-04-01", "uri": f"{uri}.json"}


def message(account: TwilioAccount, item: Item) -> dict[str, Any]:
    """A message."""
    facts, path = item.facts, f"Messages/{item.id}"
    code = facts["error"]
    return _base(account, path) | {
        "sid": item.id,
        "body": facts["body"],
        "from": facts["from"],
        "to": facts["to"],
        "direction": facts["direction"],
        "status": "received" if facts["direction"] == "inbound" else facts["status"],
        "num_segments": str(facts["segments"]),
        "num_media": str(len(facts["media"])),
        "date_created": when(item.at),
        "date_updated": when(item.at),
        "date_sent": when(item.at),
        "error_code": int(code) if code and str(code).isdigit() and facts["direction"] != "inbound" else None,
        "error_message": None,
        "messaging_service_sid": None,
        "price": None,
        "price_unit": "USD",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{account.sid}/{path}/Media.json"},
    }


def media(account: TwilioAccount, item: Item, file: Mapping[str, str]) -> dict[str, Any]:
    """A file of a message."""
    sid = media_sid(file["key"])
    return _base(account, f"Messages/{item.id}/Media/{sid}") | {
        "sid": sid,
        "parent_sid": item.id,
        "content_type": file["type"],
        "date_created": when(item.at),
        "date_updated": when(item.at),
    }


def call(account: TwilioAccount, item: Item) -> dict[str, Any]:
    """A call."""
    facts, path = item.facts, f"Calls/{item.id}"
    seconds = facts["seconds"]
    ended = when(item.at + timedelta(seconds=seconds)) if seconds is not None else None
    return _base(account, path) | {
        "sid": item.id,
        "from": facts["from"],
        "from_formatted": facts["from"],
        "to": facts["to"],
        "to_formatted": facts["to"],
        "direction": facts["direction"],
        "status": facts["status"],
        "date_created": when(item.at),
        "date_updated": when(item.at),
        "start_time": when(item.at),
        "end_time": ended,
        "duration": str(seconds) if seconds is not None else None,
        "answered_by": None,
        "caller_name": None,
        "forwarded_from": None,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "trunk_sid": None,
        "subresource_uris": {"recordings": f"/2010-04-01/Accounts/{account.sid}/{path}/Recordings.json"},
    }


def recording(account: TwilioAccount, item: Item) -> dict[str, Any]:
    """A recording."""
    path = f"Recordings/{item.id}"
    return _base(account, path) | {
        "sid": item.id,
        "call_sid": item.facts["call"],
        "conference_sid": None,
        "date_created": when(item.at),
        "date_updated": when(item.at),
        "start_time": when(item.at),
        "duration": str(item.facts["seconds"]),
        "channels": 1,
        "source": "RecordVerb",
        "status": "completed",
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "media_url": f"{account.base_url}/2010-04-01/Accounts/{account.sid}/{path}",
        "subresource_uris": {},
    }


def page(
    name: str, entries: Sequence[Mapping[str, Any]], path: str, number: int, size: int, more: bool
) -> dict[str, Any]:
    """One page of a list, under Twilio's own addresses (below the base URL of its client)."""
    own = path.removeprefix("/simulator/twilio")

    def at(index: int) -> str:
        return f"{own}?PageSize={size}&Page={index}"

    return {
        name: list(entries),
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(entries) - 1, 0),
        "uri": at(number),
        "first_page_uri": at(0),
        "next_page_uri": at(number + 1) if more else None,
        "previous_page_uri": at(number - 1) if number else None,
    }
