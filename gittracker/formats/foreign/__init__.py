"""Other trackers' files: text in, neutral records and anomalies out; no parser raises, whatever it is given."""
