"""Editing: declarations and buttons that call `publishing`."""
