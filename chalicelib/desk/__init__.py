"""The contact persons' pages: logging in, the list, the papers, and all that is done there."""
