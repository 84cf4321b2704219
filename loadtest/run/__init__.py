"""One run of Locust: the process that leads and those that play."""
