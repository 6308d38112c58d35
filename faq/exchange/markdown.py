"""Policies as Markdown files, in and out: `apply(read(text), policy)` and `write(document)`."""

from faq.exchange.applying import apply
from faq.exchange.policy_file import MAX_BYTES, BadPolicyFile, PolicyFile, decode
from faq.exchange.reading import read
from faq.exchange.report import Report
from faq.exchange.writing import write

__all__ = ["MAX_BYTES", "BadPolicyFile", "PolicyFile", "Report", "apply", "decode", "read", "write"]
