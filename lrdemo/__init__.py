"""Softmax regression on the MNIST digits, trained live: the core, usable from a script or a notebook.

The package imports nothing by itself; take what you need from its modules.
"""
