"""What somebody entered in the complaint form: kept as typed, checked field by field, turned into a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels.webform import MAX_TEXT, ComplaintForm, cleaned, phone_number
from web.checks import bureau_error, category_error, email_error, phone_error
from web.i18n import _, language, number, say
from web.services import County

IDENTITIES = ("named", "confidential", "anonymous")
_FIELDS = (
    *("text", "subject", "bureau", "about", "category", "place", "when"),
    *("identity", "name", "email", "phone", "website"),
)


@dataclass(frozen=True, slots=True)
class Entered:
    """The fields as they were typed; unknown ones are left out, missing ones are empty."""

    text: str = ""
    subject: str = ""
    bureau: str = ""
    about: str = ""  # "yes": the complaint is about the chosen bureau itself; "no"
    category: str = ""
    place: str = ""
    when: str = ""
    identity: str = "confidential"
    name: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""  # nobody sees this field; machines fill it in

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Entered:
        """Out of a posted form."""
        return cls(**{name: form[name] for name in _FIELDS if name in form})

    def errors(self, county: County) -> dict[str, str]:
        """What to mend: field → sentence, in the order of the page."""
        found = {
            "text": self._text_error(),
            "bureau": bureau_error(self.bureau, county),
            "about": self._about_error(),
            "category": category_error(self.category, county),
            "identity": self._identity_error(),
            "name": self._name_error(),
            "email": email_error(self.email),
            "phone": phone_error(self.phone),
            "website": _("Leave this field empty, then send again.") if self.website else "",
        }
        return {field: sentence for field, sentence in found.items() if sentence}

    def form(self, county: County) -> ComplaintForm:
        """The clean form; call it only when there are no errors."""
        names = dict(county.bureaus)
        return cleaned(
            ComplaintForm(
                text=self.text,
                subject=self.subject,
                bureau=self.bureau,
                bureau_name=say(names[self.bureau]) if self.bureau else "",
                about_bureau=bool(self.bureau) and self.about == "yes",
                category=self.category,
                place=self.place,
                when=self.when,
                name="" if self.identity == "anonymous" else self.name,
                email=self.email.strip().lower(),
                phone=(phone_number(self.phone) or "") if self.phone.strip() else "",
                anonymous=self.identity == "anonymous",
                confidential=self.identity == "confidential",
                language=language(),
            )
        )

    def _text_error(self) -> str:
        if not self.text.strip():
            return _("Tell us what happened.")
        if len(self.text) > MAX_TEXT:
            limit = number(MAX_TEXT)
            return _(
                "That is very long: at most %(limit)s characters. Attach the rest as a file.", limit=limit
            )
        return ""

    def _about_error(self) -> str:
        if self.bureau and self.about not in ("yes", "no"):
            return _("Tell us whether your complaint is about this bureau itself.")
        return ""

    def _identity_error(self) -> str:
        return "" if self.identity in IDENTITIES else _("Choose who may know your name.")

    def _name_error(self) -> str:
        if self.identity == "named" and not self.name.strip():
            return _("Give your name, or choose to stay confidential or anonymous.")
        return ""
