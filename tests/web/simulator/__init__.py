"""The simulator, spoken to over real sockets by the providers' own libraries."""
