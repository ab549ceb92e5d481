"""The watcher: sees files change and has the services refresh the index."""
