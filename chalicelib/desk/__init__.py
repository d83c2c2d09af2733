"""The contact persons' pages: login, registration list, printouts, and the work done there."""
