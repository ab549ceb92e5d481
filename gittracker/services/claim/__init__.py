"""Claims, leases and handoffs."""
