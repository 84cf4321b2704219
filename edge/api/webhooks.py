"""The providers whose webhooks we can see and set. Of the others either the bill goes on all the same, or nobody says that it stops."""

from edge.api.twilio import Twilio
from edge.api.webhook import WebhookApiType

WEBHOOK_APIS: dict[str, WebhookApiType] = {"twilio": Twilio}
