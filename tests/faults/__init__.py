"""What a site stands on, broken on purpose: bin/faults runs these, and says how."""
