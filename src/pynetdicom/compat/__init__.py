"""The older systems that this library replaces, each under its own names."""
