"""From cents to what a rail can send."""

from hypothesis import given
from hypothesis import strategies as st

from payouts.exchange import Conversion, Rate, convert
from payouts.rails.mobile_money import Operator, operators, written_amount


def test_ariary_are_sent_whole_and_the_euro_cents_are_used_up():
    done = convert(10_000, rate=Rate("MGA", 4_913, 1), exponent=0, quantum=1)

    assert (done.local, done.spent, done.left) == (49_130_000, 10_000, 0)  # 491,300 ariary, in ISO hundredths


def test_francs_go_in_steps_of_five_and_the_rest_stays_payable():
    done = convert(101, rate=Rate("XOF", 655_957, 1_000), exponent=0, quantum=5)

    assert (done.local, done.spent, done.left) == (660, 101, 0)
    assert convert(1, rate=Rate("XOF", 655_957, 1_000), exponent=0, quantum=5).local == 5
    assert convert(5, rate=Rate("XOF", 300, 1), exponent=0, quantum=10) == Conversion(local=10, spent=4, left=1)


@given(
    amount=st.integers(0, 10**9),
    num=st.integers(1, 10**7),
    den=st.integers(1, 10**4),
    operator=st.sampled_from(sorted(operators().values(), key=lambda o: o.id)),
)
def test_the_books_never_give_more_than_they_take(amount: int, num: int, den: int, operator: Operator):
    rate = Rate(operator.currency, num, den)

    done = convert(amount, rate=rate, exponent=operator.exponent, quantum=operator.quantum)

    assert done.spent + done.left == amount and done.left >= 0 and done.local >= 0
    again = convert(done.spent, rate=rate, exponent=operator.exponent, quantum=operator.quantum)
    assert again.local == done.local
    written_amount(done.local, operator)  # the rail can write it
