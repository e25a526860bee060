"""What a single run and a race share: minibatches, bounded pieces of work, the schedule of tests, the record.

A run draws nothing and has no clock. It can be stopped after any piece: its numbers never depend on where.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from lrdemo.data import Digits
from lrdemo.errors import SettingsError
from lrdemo.evaluate import evaluation, summed
from lrdemo.gradient import Step
from lrdemo.history import Answers, History, TestPoint
from lrdemo.minibatches import Minibatches, Tensors, resident
from lrdemo.model import available_devices
from lrdemo.optimiser import can_be_captured
from lrdemo.schedule import tests_at
from lrdemo.settings import TRAIN_SIZE, Settings
from lrdemo.shapes import CLASSES
from lrdemo.symptoms import exploded

BLOCK = 50
"""Iterations whose losses are read from the device at once."""
BLOCK_VALUES = 2_000_000
"""Log-probabilities kept until then, at most: 8 MB."""
LEAST_ANSWERS = 1_000
"""Images from which on a test is enough to fit a temperature."""
FITTED = 4
"""One of so many answers of a test is kept for that: it takes a millisecond then, and moves it by about 1 %."""
TEST_PARTS = 4
"""Parts of a minibatch that cost what one part of a test does: no gradient, nothing gathered."""


class Run(ABC):
    """Train one model, or several side by side, in bounded pieces of work.

    It is tested on the 10,000 test images or, where the settings hold some out, on those training images instead.

    `digits` are unpacked images or the `Tensors` of another run. `tests=False` leaves out the tests on the test
    images, and `graph=False` the CUDA graph: for timing. Raises SettingsError when the device is not available.
    """

    def __init__(
        self, settings: Settings, digits: Digits | Tensors, tests: bool = True, graph: bool = True, lanes: int = 1
    ) -> None:
        require_device(settings.device)
        self.settings = settings
        self.tensors = (
            digits
            if isinstance(digits, Tensors)
            else resident(digits, settings.device, settings.features, settings.styles)
        )
        self.iteration = 0
        self.diverged = False
        self.part = images_at_once(settings, lanes)
        self._tests_at = tests_at(settings) if tests else ()
        self._stops: Sequence[int] = self._tests_at
        self._test_due = tests
        self._under_way: Iterator[None] | None = None
        self._looking: Generator[None, None, list[TestPoint]] | None = None
        self._seen: list[TestPoint] = []
        """What `look` has found at the present iteration, for each model; no part of the record."""
        self._log_p = torch.empty(0)
        self._graph = graph and settings.device == "cuda" and can_be_captured(settings.optimiser)
        self._generators: Sequence[torch.Generator] = ()
        self._generator_states: list[Tensor] = []
        self.trained_on = self.tensors.trained_on(settings.held_out)
        """The indices of the training images that it may use."""
        self._minibatches = self._dealt_anew()

    @property
    @abstractmethod
    def histories(self) -> Sequence[History]:
        """Return the record of each model trained."""

    @abstractmethod
    def log_probabilities(self, images: Tensor) -> Tensor:
        """Return log p of each model for inputs [n, D], with dropout off: [K, 10, n]."""

    @property
    def busy(self) -> bool:
        """Return whether a step or a test is half done, or a test is due before the next step."""
        return self._test_due or self._under_way is not None

    @property
    def tested(self) -> bool:
        """Return whether the last tests are of the models as they are; of a diverged one there is nothing to test."""
        return self.diverged or (not self._test_due and (bool(self._seen) or self._record_reaches_here))

    @property
    def _record_reaches_here(self) -> bool:
        tests = self.histories[0].tests
        return bool(tests) and tests[-1].iteration == self.iteration

    @property
    def tests(self) -> Sequence[Sequence[TestPoint]]:
        """Return the tests of each model: those of its record, and last the one that `look` has made where it stands.

        A teaching at this iteration is tested for the record. While it lasts, what was seen before it does not count.
        """
        seen = [] if self._record_reaches_here else self._seen
        return [[*history.tests, *seen[lane : lane + 1]] for lane, history in enumerate(self.histories)]

    @property
    def finished(self) -> bool:
        """Return whether all iterations and tests are done, or no further one makes sense (`diverged`)."""
        return self.diverged or (self.iteration >= self.settings.iterations and not self.busy)

    @property
    def exploded(self) -> bool:
        """Return whether training has gone wrong: diverged, or every model's loss stays above its start."""
        return self.diverged or all(exploded(history.loss) for history in self.histories)

    def peek(self) -> Tensor:
        """Return the indices into the training images, [m], of the minibatch that the next iteration will use."""
        return self._minibatches.peek()

    def first_minibatch(self) -> Tensor:
        """Return the indices into the training images, [m], of the minibatch that the first iteration used or uses."""
        return self._dealt_anew().peek()

    def advance(self, max_steps: int) -> int:
        """Train for at most `max_steps` iterations, fewer when the end is reached; return how many were done.

        Completes the tests that are due. Sets `diverged` and stops when a loss is not finite any more.
        """
        start = self.iteration
        end = min(start + max_steps, self.settings.iterations)
        while not self.diverged and (self.busy or self.iteration < end):
            self.work(end - self.iteration)
        return self.iteration - start

    def work(self, most_steps: int) -> int:
        """Do one bounded piece of work; return how many iterations it completed, 0 or more.

        A piece is a block of at most `most_steps` iterations, a part of one large step, or a part of a test. What is
        half done goes on whatever `most_steps` says.
        """
        start = self.iteration
        if self._under_way is None and not self.diverged:
            if self._test_due:
                self._under_way = self._test()
            elif start < self.settings.iterations and most_steps > 0:
                if len(self.peek()) > self.part:
                    self._under_way = self._large_step()
                else:
                    self._block(min(most_steps, self._until_stop()))
        if self._under_way is not None and next(self._under_way, self) is self:
            self._under_way = None
        return self.iteration - start

    def abandon_step(self) -> None:
        """Forget a half-done step; it will be done again from its beginning. A half-done test goes on."""
        if self._under_way is not None and not self._test_due:
            self._under_way = None
            for generator, state in zip(self._generators, self._generator_states, strict=True):
                generator.set_state(state)

    def look(self) -> None:
        """Do one bounded piece of a test of the models where the run stands, to be seen until it goes on.

        It leaves no trace in the record, which must not depend on where a run was paused.
        """
        self._looking = self._looking or self._measured()
        try:
            next(self._looking)
        except StopIteration as end:
            self._looking, self._seen = None, end.value

    def test(self) -> None:
        """Have the models tested at the present iteration, once more where they have been, before any further step."""
        self.abandon_step()
        self._under_way = None
        self._test_due = not self.diverged

    def _dealt_anew(self) -> Minibatches:
        settings = self.settings
        return Minibatches(self.trained_on, settings.batch_size, settings.drop_last, settings.seed + 1)

    def _start(self, step: Step, generators: Sequence[torch.Generator] = ()) -> None:
        """Take the way to do one iteration, and the generators that it draws from."""
        self._step = step
        self._iterate: Callable[[Tensor, Tensor, Tensor], None] = step
        self._generators = generators
        if self._graph:
            from lrdemo.cuda_graph import Replayed

            self._iterate = Replayed(step, self.settings.batch_size, generators)

    def _block(self, most: int) -> None:
        """Do at most `most` iterations, all on minibatches of one size."""
        values = CLASSES * self.settings.batch_size * len(self.histories)
        indices = self._minibatches.take(min(most, BLOCK, max(1, BLOCK_VALUES // values)))
        count, size = indices.shape
        labels = self.tensors.train_labels.index_select(0, indices.reshape(-1)).view(count, size)
        log_p = self._room(count, size)
        for batch in zip(indices.unbind(), labels.unbind(), log_p.unbind(), strict=True):
            self._iterate(*batch)
        self._record(summed(log_p, labels), size)

    def _large_step(self) -> Iterator[None]:
        """Do one iteration part by part: the gradients of the parts add up to that of the whole minibatch."""
        self._generator_states = [generator.get_state() for generator in self._generators]
        index = self.peek()
        size = len(index)
        labels = self.tensors.train_labels.index_select(0, index)
        sums = torch.zeros(2, len(self.histories), 1)
        self._step.begin()
        for part, part_labels in zip(torch.split(index, self.part), torch.split(labels, self.part), strict=True):
            yield
            log_p = self._room(1, len(part))
            self._step.add(part, part_labels, log_p[0], size)
            sums += summed(log_p, part_labels[None])
        self._step.update()
        self._minibatches.take(1)
        self._record(sums, size)

    def _record(self, sums: Tensor, size: int) -> None:
        """Note losses and accuracies from their sums [2, K, k] over minibatches of `size`.

        It ends where no model's loss is finite any more: a lane that has diverged does not stop the others.
        """
        loss, accuracy = sums.cpu().numpy() / np.float32(size)
        count = loss.shape[1]
        finite = np.isfinite(loss).any(axis=0)
        if not finite.all():
            self.diverged = True
            count = int(finite.argmin())
        for history, losses, accuracies in zip(self.histories, loss[:, :count], accuracy[:, :count], strict=True):
            history.extend(losses, accuracies)
        self.iteration += count
        self._looking, self._seen = None, []
        place = bisect_right(self._tests_at, self.iteration)
        self._test_due = not self.diverged and place > 0 and self._tests_at[place - 1] == self.iteration

    def _room(self, count: int, size: int) -> Tensor:
        """Return space for the log-probabilities of a block, kept: memory that is new to the process costs more."""
        shape = (len(self.histories), CLASSES, size)
        if self._log_p.shape[0] < count or self._log_p.shape[1:] != shape:
            self._log_p = torch.empty(count, *shape, device=self.tensors.train_labels.device)
        return self._log_p[:count]

    def _until_stop(self) -> int:
        """Return the number of iterations to the next test or planned change, or to the end."""
        place = bisect_right(self._stops, self.iteration)
        stop = self._stops[place] if place < len(self._stops) else self.settings.iterations
        return min(stop, self.settings.iterations) - self.iteration

    def _test(self) -> Iterator[None]:
        """Test the models part by part and note the results."""
        points = yield from self._measured()
        for history, point in zip(self.histories, points, strict=True):
            history.add_test(point)
        self._test_due = False

    def _measured(self) -> Generator[None, None, list[TestPoint]]:
        """Test the models part by part and return the results."""
        images, labels = self.tensors.judged_on(self.settings.held_out)
        parts: list[Tensor] = []

        def kept(part: Tensor) -> Tensor:
            parts.append(self.log_probabilities(part))
            return parts[-1]

        loss, accuracy = yield from evaluation(kept, images, labels, TEST_PARTS * self.part)
        answers = None
        if len(self.histories) == 1 and len(labels) >= LEAST_ANSWERS:
            log_p = torch.cat(parts, dim=2)[0, :, ::FITTED]
            answers = Answers(log_p.cpu().numpy(), labels[::FITTED].cpu().numpy())
        return [
            TestPoint(self.iteration, float(mean), float(share), answers)
            for mean, share in zip(loss, accuracy, strict=True)
        ]


def images_at_once(settings: Settings, lanes: int = 1) -> int:
    """Return the most images that one piece of work takes a gradient of; on one core that costs about 3 ms.

    It follows from the settings and the number of models side by side alone, so that sums are the same everywhere.
    """
    if settings.device != "cpu":
        return TRAIN_SIZE
    by_autograd = {"softmax": 500, "mlp": 128}
    by_hand = 4_000 // (lanes + 3)
    return min(by_hand, by_autograd[settings.model]) if settings.gradient == "autograd" else by_hand


def require_device(device: str) -> None:
    """Raise SettingsError when PyTorch cannot compute on the device here."""
    if device not in available_devices():
        raise SettingsError(
            f"The device {device!r} is not available on this machine. Choose one of: {', '.join(available_devices())}."
        )
