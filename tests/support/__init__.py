"""What tests stand on: a clock to set, real databases, and a fence around the loopback network."""
