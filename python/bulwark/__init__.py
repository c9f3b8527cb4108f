"""A security layer in front of any web application. There is nothing to import: it is the command `bulwark`."""
