"""The ideas behind the Train page, one per module, as functions that a page shows and a test checks.

`line`, `data_facts` and `pca` need numpy only; `step`, `three_ways` and `output` need PyTorch.
"""
