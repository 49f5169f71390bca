"""Was committed in the middle of a merge."""
<<<<<<< HEAD
LIMIT = 3
=======
LIMIT = 4
>>>>>>> branch
