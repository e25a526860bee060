"""The measurements behind `python -m lrdemo bench` and `python -m lrdemo classroom`."""
