"""The errors the core raises on purpose; each message says what is wrong and what to do."""


class LrdemoError(Exception):
    """Base of all errors that a page or a command turns into one plain sentence."""


class SettingsError(LrdemoError, ValueError):
    """A setting has a value that it cannot have."""


class DataError(LrdemoError):
    """The MNIST files are missing or damaged and could not be restored."""


class CheckpointError(LrdemoError):
    """A model file is damaged, of another kind, or not a model file at all."""


class ServiceError(LrdemoError):
    """The training process did not answer or could not be started."""
