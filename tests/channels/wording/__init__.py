"""What the service says."""
