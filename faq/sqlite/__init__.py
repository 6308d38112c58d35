"""SQLite for a record that must not be lost; `base` is what Django loads as the engine."""
