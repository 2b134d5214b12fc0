"""Freezes a function, moves its clocks, and looks at what its cache still answers.

Standard library only; runs functions with the harness of the emulator.
"""
