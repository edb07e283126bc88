"""What takes time, measured: a section is a module with a function that yields table rows."""
