"""The sample app of harden-python-vps: proves the whole chain until your own code takes its place."""
