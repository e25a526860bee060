"""Training for many visitors at once: runs in processes of their own, their results in shared memory."""
