"""What a trained model answers and why: logits in NumPy, confidence, evidence, and altered images."""
