"""Why a signature does not match, in one sentence for the operator.

You are here: signature refused → **diagnosis** → log. Tries the addresses that a proxy or a console setting
makes of ours; when one of them matches, the sentence says so and what to set. It never names the token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlsplit

from channels.reading import clean
from channels.twilio.account import TwilioAccount
from channels.twilio.webhook import Call, Fields

Probe = Callable[[str, Fields, str], bool]
"""Whether address and fields give this signature."""

_MOST_HOSTS = 6


def explain(account: TwilioAccount, call: Call, fields: Fields, probe: Probe) -> str:
    """One sentence: what was wrong, and what to do. At most about 70 tries of 10 µs each."""
    if not call.signature:
        return "the header X-Twilio-Signature is missing, so this is not Twilio, or a proxy drops the header"
    if "HMAC_SHA256" in call.algorithm.upper():
        return (
            "Twilio signed with a shared key (HMAC_SHA256), not with the account's token; "
            "take the shared key off the webhook in Twilio's console"
        )
    for address, advice in _candidates(account.public_url, call):
        for signed, also in ((fields, ""), ((), " without the form's fields")):
            if probe(address, signed, call.signature):
                return f"it is signed over {clean.line(address, 200)}{also}; {advice}"
    return _stranger(account, fields)


def _stranger(account: TwilioAccount, fields: Fields) -> str:
    sid = dict(fields).get("AccountSid", "")
    if sid and sid != account.sid:
        return (
            f"it speaks for the account {clean.line(sid, 40)}, not for {account.sid}: "
            "each account and subaccount signs with a token of its own"
        )
    return (
        "nothing that was tried matches: it is forged, HUIYIN_TWILIO_AUTH_TOKEN is not the primary token of "
        f"{account.sid}, or a Messaging Service or the number calls another address than {account.public_url}"
    )


def _candidates(public_url: str, call: Call) -> Iterator[tuple[str, str]]:
    """Addresses that Twilio may have signed, the likeliest first, each with what to do about it."""
    ours = urlsplit(public_url)
    target = call.target
    path, _, query = target.partition("?")
    slashed = path + "/" + (f"?{query}" if query else "")
    tails = {
        _unescaped(target): " (with its query unescaped)",
        path: " (without the query)",
        slashed: " (with a slash at the end)",
        target: "",  # last, for where there is no query the others are the same
    }
    prefix = ours.path.rstrip("/")
    for host in _hosts(ours.netloc, call):
        for scheme in (ours.scheme, "http" if ours.scheme == "https" else "https"):
            for lead in dict.fromkeys((prefix, "")):
                for tail, note in reversed(tails.items()):
                    origin = f"{scheme}://{host}{lead}"
                    yield origin + tail, _advice(origin, public_url, note)


def _advice(origin: str, public_url: str, note: str) -> str:
    if note:
        return (
            f"the address set in Twilio's console is another one{note}: write it as {public_url}/webhooks/…"
        )
    origin = clean.line(origin, 200)
    return (
        f"HUIYIN_PUBLIC_URL is {public_url}: set it to {origin} if that is where Twilio calls, "
        "or write the public address into Twilio's console (the number's, and its Messaging Service's)"
    )


def _hosts(netloc: str, call: Call) -> list[str]:
    """Our own host and those the call names, each as it is, without its port and with the usual ones."""
    named = [netloc.rpartition("@")[2], call.host, call.forwarded_host.partition(",")[0].strip()]
    found: dict[str, None] = {}
    for host in named:
        if not host or len(host) > 255:
            continue
        bare = host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
        for form in (host, bare, f"{bare}:443", f"{bare}:80"):
            found.setdefault(form)
    return list(found)[: 2 * _MOST_HOSTS]


def _unescaped(target: str) -> str:
    path, mark, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=None)[:20]
    return path + mark + "&".join(f"{name}={value}" for name, value in pairs)
