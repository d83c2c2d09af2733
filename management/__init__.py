"""The organiser's commands behind manage.py; never deployed."""
