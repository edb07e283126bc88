"""What glows and steams while machines work, a module for each kind: a function of machine, time and seed."""
