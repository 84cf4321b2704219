"""The flood: a Locust harness that proves throughput and cost, and a second opinion on everything the worker claims."""
