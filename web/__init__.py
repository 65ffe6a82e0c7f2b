"""Flask: citizens' pages, staff pages, JSON API, webhooks. No business rules live here."""
