"""Locust is imported here once, without the patches with which it makes a whole process cooperative: tests use threads."""

import os

os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"
import locust  # noqa: F401  for its side effect, after the variable is set

del os.environ["LOCUST_SKIP_MONKEY_PATCH"]  # Locust processes that tests start are whole ones
