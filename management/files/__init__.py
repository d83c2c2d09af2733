"""What is wrong in the events' files, in words and with lines."""
