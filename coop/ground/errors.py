"""What a rule of the co-operative says no with. Pure."""


class Refused(Exception):
    """A rule forbids what was asked; the message is a sentence addressed to the person asking.

    `code` is the name of the refusal (`ballot_closed`), stable for programs; `field` names the input at fault, if one is.
    Anything else that goes wrong is a bug and crashes with its traceback.
    """

    def __init__(self, message: object, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)
