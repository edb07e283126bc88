"""Hot targets in scenes: what each unit shows in each scene, and how good the look at it was."""
