"""What `manage.py up` is made of: one lock, the processes it starts, their end."""
