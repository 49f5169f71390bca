"""Edge cases: a run that passed, done again on hard variants of what it is given from outside."""
