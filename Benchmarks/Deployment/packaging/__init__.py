"""The parts of the command that makes a deployable archive of a function."""
