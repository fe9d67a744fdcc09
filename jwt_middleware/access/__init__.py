"""MAY THIS CALLER PASS? Request in, Principal out."""
