"""What people are told about orders and work: one file for each kind of event. Pure."""
