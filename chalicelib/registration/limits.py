"""How long answers may be, and how many links a registration has."""

# They are all deleted with the registration, in one transaction.
LINKS_AT_MOST = 20
NAME_AT_MOST = 100
EMAIL_AT_MOST = 254
NOTE_AT_MOST = 500
