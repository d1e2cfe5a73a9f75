"""What people are told about pay: one file for each kind of event. Pure."""
