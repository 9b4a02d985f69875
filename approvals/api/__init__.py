"""The API of the agreement: cases and their steps, mails, who mediates and by which policy, people."""
