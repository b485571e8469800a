"""What people are told at their hour: the day's list, the week's, and the month's, one message each."""
