"""The board: what all replicas are when merged now; values in, values out."""
