"""Runs a function under AWS's Lambda Runtime Interface Emulator, in a control group where allowed.

Standard library only. Everything listens on 127.0.0.1, and everything started is ended by its
process id.
"""
