"""Where providers call us. Each call proves by a signature or a secret whom it comes from."""
