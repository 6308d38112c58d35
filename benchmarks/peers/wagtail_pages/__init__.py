"""The model of the Wagtail peer."""
