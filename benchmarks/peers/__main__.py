"""Fills a peer's database: python -m benchmarks.peers NAME."""

import sys
from importlib import import_module

import_module(f"benchmarks.peers.{sys.argv[1]}").prepare()
