"""The board over all replicas."""
