"""From a project to its outputs: the only place where core and edges meet."""
