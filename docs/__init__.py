"""The pages for users, and the module that writes their lists from the code."""
