"""Numbers only: tables and a day go in, facts come out. No Slack, no words, no clock."""
