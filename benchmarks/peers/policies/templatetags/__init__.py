"""The filter of the peer that renders Markdown."""
