"""The API of approvals."""
