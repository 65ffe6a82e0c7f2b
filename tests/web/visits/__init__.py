"""The desk, the slip, the kiosk, and what staff see of a visit."""
