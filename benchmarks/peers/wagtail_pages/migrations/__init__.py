"""The table of the Wagtail peer: Wagtail wants a migration for it."""
