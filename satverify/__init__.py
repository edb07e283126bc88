"""satverify: did a steel enterprise stop or cut its equipment when it was ordered to?

Satellites look; every look becomes a likelihood per state; every order gets a verdict with a probability and its
evidence, and "nobody could see" is one of the answers.
"""

__version__ = "0.1.0"
