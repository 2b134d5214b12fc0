"""A function that keeps all it makes, in a memory cgroup, and what is measured of it.

Standard library only.
"""
