"""The code of dependents: relevant files at one commit, from local clones, folders or GitHub."""
