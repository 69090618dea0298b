"""What a measurement should come to: ratios of contenders of one run, each with its bound."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Goal:
    """A ratio of two contenders, and what it should be."""

    text: str
    ratio: float
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the ratio is as it should be."""
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound

    @property
    def line(self) -> str:
        """The ratio and the goal as a line of a table."""
        wanted = f"goal: {'at least' if self.at_least else 'at most'} {self.bound:g}"
        return f"{self.ratio:8.2f} {self.text} ({wanted}{'' if self.met else '; not met'})"

    @property
    def as_json(self) -> dict[str, object]:
        """All of it as JSON has it."""
        return {**asdict(self), "met": self.met}
