"""The simulator's parts, put together once for one web server."""

from __future__ import annotations

from channels.telegram.account import TelegramAccount
from channels.twilio.account import TwilioAccount
from web.services import Services
from web.simulator.callbacks import Callbacks
from web.simulator.chat import Chats
from web.simulator.crew import Crew
from web.simulator.mailbox import Mailbox
from web.simulator.stage import Stage
from web.simulator.switchboard import Switchboard
from web.simulator.telegram import TelegramApi
from web.simulator.texts import Texts
from web.simulator.twilio import TwilioApi
from web.simulator.updates import Updates


class Play:
    """Nothing runs before somebody uses it: threads start with the first job."""

    def __init__(self, services: Services, twilio: TwilioAccount, telegram: TelegramAccount) -> None:
        local = services.local_url or services.public_url
        media = f"{twilio.base_url}/2010-04-01/Accounts/{twilio.sid}"
        self.twilio = twilio
        self.crew, self.stage = Crew(), Stage(services.clock)
        self.callbacks = Callbacks(twilio.public_url, local, twilio.token)
        self.texts = Texts(twilio, self.stage, self.crew, self.callbacks, media)
        self.switchboard = Switchboard(twilio, self.stage, self.crew, self.callbacks, media)
        self.updates = Updates(self.callbacks, self.crew)
        self.chats = Chats(telegram, self.stage, self.updates)
        self.mailbox = Mailbox(
            services.outgoing_mail,
            (services.smtp_host, services.smtp_port),
            services.county.complaint_address,
            services.directory.is_contact,
            self.stage,
            self.crew,
        )
        self.twilio_api = TwilioApi(twilio, self.stage, self.texts, self.switchboard, self.callbacks)
        self.telegram_api = TelegramApi(telegram, self.stage, self.chats, self.updates, self.callbacks)
