"""A registration: the form, its answers, the private link and the receipt."""
