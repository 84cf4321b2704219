"""The shape of the static file: what an operator writes, with the reason for each default.

1. Frozen, and unknown keys are refused: a misspelt limit must not be a limit that silently is not there.
2. Money and durations are strings in the file and integers here; nothing else is converted.
3. No secret stands in the file, only where it is.

What each value *means* at run time is worked out in :mod:`edge.meaning.terms`; reading and explaining mistakes is
:mod:`edge.configfile`.
"""

from edge.config.address import path_of
from edge.config.alert import Alert
from edge.config.budget import Budget
from edge.config.file import Config
from edge.config.knock import SHARE, THOUSANDTHS, Knock
from edge.config.ledger import Ledger
from edge.config.limit import BlockLimit, Limit, Limits
from edge.config.number import Number
from edge.config.price import OwnPrice, Price
from edge.config.receiving import Receiving
from edge.config.reply import TEXT_LENGTH_MAX, Reply, ReplyIn
from edge.config.server import Server
from edge.config.table import Names, Table

__all__ = [
    "SHARE",
    "TEXT_LENGTH_MAX",
    "THOUSANDTHS",
    "Alert",
    "BlockLimit",
    "Budget",
    "Config",
    "Knock",
    "Ledger",
    "Limit",
    "Limits",
    "Names",
    "Number",
    "OwnPrice",
    "Price",
    "Receiving",
    "Reply",
    "ReplyIn",
    "Server",
    "Table",
    "path_of",
]
