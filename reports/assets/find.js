// What a search found.
