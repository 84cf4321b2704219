"""The flood as a locustfile: `locust -f loadtest/locustfile.py --scenario raid --config-file edge.toml`.

Locust looks in this module for a user and for a shape; everything else reaches it through its events.
"""

from loadtest.run.roles import Flood, OneUserPerProcess, listen

__all__ = ["Flood", "OneUserPerProcess"]

listen()
