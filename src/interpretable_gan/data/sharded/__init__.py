"""Images in shards: files of some thousand images with their labels, in a folder or behind an
address. Training takes them one after the other, so that its memory does not grow with the data."""
