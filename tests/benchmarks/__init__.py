"""Measurements, run as `python -m tests.benchmarks [NAME…] [--json]`; kept out of the test run. Nothing here passes or fails."""
