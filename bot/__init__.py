"""Everything with a side effect: Slack, the clock, the environment, the durable memory."""
