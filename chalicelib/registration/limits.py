"""How many characters answers may have, and how many links a registration."""

# All of them are deleted with the registration, in one transaction.
LINKS_AT_MOST = 20
# Registrations of one address whose links one mail has: the newest.
LINKS_IN_A_MAIL = 20
NAME_AT_MOST = 100
EMAIL_AT_MOST = 254
NOTE_AT_MOST = 500
