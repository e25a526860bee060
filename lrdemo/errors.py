"""The errors the core raises on purpose; each message says what is wrong and what to do."""


class LrdemoError(Exception):
    """Base of all errors that a page or a command turns into one plain sentence."""


class SettingsError(LrdemoError, ValueError):
    """A setting's value is outside its limits."""


class DataError(LrdemoError):
    """The images are missing or damaged and cannot be restored, or there is no room for them."""


class CheckpointError(LrdemoError):
    """The file is not a model file, or it is damaged."""


class DrawingsError(LrdemoError, ValueError):
    """The file is not a drawings file, or one of its drawings is invalid."""


class ServiceError(LrdemoError):
    """The training process did not answer or could not be started."""
