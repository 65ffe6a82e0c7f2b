"""The reference: what people mistype is caught, what they write differently is forgiven."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import damm

from intake.references import (
    InvalidReference,
    find_references,
    number_from,
    number_of,
    parse_reference,
    reference_of,
)

numbers = st.builds(number_of, st.integers(0, 99), st.integers(1, 10**8 - 1))


@given(numbers)
def test_there_and_back(number: int) -> None:
    assert number_from(reference_of(number)) == number


@given(numbers, st.data())
def test_every_wrong_digit_is_caught(number: int, data: st.DataObject) -> None:
    digits = reference_of(number).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    assume(other != digits[place])
    with pytest.raises(InvalidReference):
        parse_reference(digits[:place] + other + digits[place + 1 :])


@given(numbers, st.data())
def test_every_swap_of_neighbours_is_caught(number: int, data: st.DataObject) -> None:
    digits = reference_of(number).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 2))
    assume(digits[place] != digits[place + 1])
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    with pytest.raises(InvalidReference):
        parse_reference(swapped)


@given(
    numbers,
    st.sampled_from(
        ["{0}{1}{2}", "{0} {1} {2}", " {0}-{1}-{2} ", "{0}—{1}—{2}", "{0}－{1}－{2}", "{0}.{1}.{2}"]
    ),
)
def test_other_ways_of_writing_are_forgiven(number: int, way: str) -> None:
    reference = reference_of(number)
    assert parse_reference(way.format(*reference.split("-"))) == reference
    full_width = reference.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert parse_reference(full_width) == reference


@given(st.text(max_size=100))
def test_nothing_else_is_a_reference(text: str) -> None:
    try:
        parsed = parse_reference(text)
    except InvalidReference:
        return
    assert number_from(parsed) == number_from(text)


def test_references_inside_a_subject() -> None:
    one, two = reference_of(number_of(26, 1)), reference_of(number_of(26, 4217))
    assert find_references(f"Re: [{one}] 关于{two}，又及 26-004217-0 和 13800138000") == (one, two)


@given(numbers, numbers)
def test_references_sort_as_their_numbers_do(one: int, two: int) -> None:
    assume(one // 10**8 != two // 10**8)
    assert (reference_of(one) < reference_of(two)) == (one < two)


@given(numbers, st.integers(7, 8), st.sampled_from("٠०๐"))
def test_one_case_has_one_way_to_write_its_reference(number: int, width: int, zero: str) -> None:
    """Guesses at a case's code are counted by its reference: a second form would be a second count."""
    year, serial, digit = reference_of(number).split("-")
    foreign = f"{year}-{serial}-{digit}".translate({ord("0") + n: ord(zero) + n for n in range(10)})
    padded = f"{year}{int(serial):0{width}d}"
    for other in (foreign, f"{padded}{damm.calc_check_digit(padded)}"):
        try:
            assert parse_reference(other) == reference_of(number)
        except InvalidReference:
            continue
