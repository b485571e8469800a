"""How a workspace is set up: who is who, where alerts may go, what is left to do; for terminal and Slack."""
