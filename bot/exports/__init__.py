"""Answers as files: the tables as CSV that a spreadsheet can use, the CRO's Monday as a page for a board."""
