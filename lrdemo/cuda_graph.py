"""Replay one iteration as a CUDA graph: one launch in place of a dozen or more. Used on CUDA only.

Capturing needs libraries that are warm, so the first iterations run without a graph, on a side stream. They are
ordinary iterations of the run. A minibatch of another size (the short last one) never uses the graph.
See "CUDA graphs" in the PyTorch documentation (torch.cuda.CUDAGraph).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lrdemo.gradient import Step

WARM_UP = 3


class Replayed:
    """Wrap a step whose tensors keep their addresses: called like it, with the same results."""

    def __init__(self, step: Step, batch_size: int, generators: Sequence[torch.Generator] = ()) -> None:
        self._step = step
        self._size = batch_size
        self._generators = generators
        self._warm = 0
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        """Do one iteration; see `Step`."""
        if len(index) != self._size:
            self._step(index, labels, log_p)
        elif self._warm < WARM_UP:
            self._run_aside(index, labels, log_p)
        else:
            if self._graph is None:
                self._graph = self._capture(index, labels, log_p)
            self._index.copy_(index)
            self._labels.copy_(labels)
            self._graph.replay()
            log_p.copy_(self._log_p)

    def _run_aside(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            self._step(index, labels, log_p)
        torch.cuda.current_stream().wait_stream(side)
        self._warm += 1

    def _capture(self, index: Tensor, labels: Tensor, log_p: Tensor) -> torch.cuda.CUDAGraph:
        """Record one iteration without running it."""
        self._index, self._labels, self._log_p = index.clone(), labels.clone(), torch.empty_like(log_p)
        graph = torch.cuda.CUDAGraph()
        for generator in self._generators:
            graph.register_generator_state(generator)
        # Another thread's calls (a second run, a page's picture) must not break the capture.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            self._step(self._index, self._labels, self._log_p)
        return graph
