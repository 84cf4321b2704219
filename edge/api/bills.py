"""The providers whose bill we can read ourselves; that of the others comes as a file."""

from edge.api.bill import BillApiType
from edge.api.twilio_bill import TwilioBill

BILL_APIS: dict[str, BillApiType] = {"twilio": TwilioBill}
