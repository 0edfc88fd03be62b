"""Time and prices, as rules for every machine with a token; and what their rules draw from."""

from fractions import Fraction

from hypothesis import strategies as st

from scripts._devnet import DAY

from .laws import Kind
from .stage import Stage, step
from .world import ACTORS, COINS, HIGHEST, LOWEST

ACTOR = st.sampled_from(ACTORS)
COIN = st.sampled_from(COINS)
WHICH = st.integers(0, 23)
MORE = st.integers(1, 10**30)
# A few units, a fraction on any scale, or all.
SIZE = st.one_of(
    st.integers(1, 100),
    st.builds(Fraction, st.integers(1, 999), st.sampled_from([10**3, 10**6, 10**12])),
    st.just(Fraction(1)),
)
WAIT = st.one_of(
    st.integers(1, 60), st.integers(1, 3_700), st.integers(1, 4 * DAY), st.integers(1, 90 * DAY)
)
ELAPSED = st.integers(0, 2 * 3_600 - 1)  # since the scheduled lane has opened
MOVE = st.one_of(  # 0.01 %
    st.integers(-300, 300), st.integers(-3_000, 3_000), st.integers(-6_000, 6_000)
)
LIMIT = st.sampled_from(["lowest", "target", "highest", "emergency", "liquidation", "ruin"])
AROUND = st.one_of(st.integers(-2, 2), st.integers(-200_000, 200_000))  # millionths
BEYOND = st.one_of(st.integers(1, 1_000), st.integers(1, 400_000))  # millionths


class Weather(Stage):
    """The rules."""

    @step(Kind.WORLD, seconds=WAIT, news=st.booleans())
    def wait(self, seconds: int, news: bool) -> None:
        now = self.token.now + seconds
        if news:
            self.news(now, self.model.answer)
        else:
            self.silence(now)

    @step(Kind.WORLD, edge=st.sampled_from(["open", "ramp", "close"]), by=st.integers(-1, 1))
    def wait_for_an_edge_of_the_window(self, edge: str, by: int) -> None:
        after = {"open": 0, "ramp": self.rules_.ramp, "close": self.rules_.window}
        self.news(self.token.next_rebalance() + after[edge] + by, self.model.answer)

    @step(Kind.WORLD, move=MOVE)
    def move_the_price(self, move: int) -> None:
        moved = self.model.answer * (10_000 + move) // 10_000
        self.news(self.token.now, min(max(moved, LOWEST), HIGHEST))

    @step(Kind.WORLD, elapsed=ELAPSED, limit=LIMIT, around=AROUND)
    def move_the_price_to_a_limit(self, elapsed: int, limit: str, around: int) -> None:
        self.news(self.opening(elapsed), self.answer_at(limit, around))
