"""What every channel's reader needs of a text: that it is safe to keep, and which language it is in."""
