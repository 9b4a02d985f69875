"""The API of the agreement: cases and their steps, proposals, mails, who mediates and by which policy, people."""
