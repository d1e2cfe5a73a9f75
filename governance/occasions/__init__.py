"""What people are told about votes and what they decide: one file for each kind of event. Pure."""
