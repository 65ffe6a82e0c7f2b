"""How many files a form may bring: as many as a letter may have, and no flood."""

from __future__ import annotations

import pytest

from intake import schema
from intake.letters.arriving import MAX_FILES
from tests.support.scans import png
from tests.web.letters.test_desk import upload
from tests.web.staff.conftest import Hall


def test_a_letter_may_come_as_many_pictures(small_hall: Hall) -> None:
    files = [(f"{number}.png", png(number)) for number in range(MAX_FILES)]
    assert upload(small_hall.browser("desk"), *files).status_code == 303
    assert len(small_hall.rows(schema.letter_file)) == MAX_FILES


@pytest.mark.parametrize(("count", "status"), [(MAX_FILES + 1, 422), (10_000, 413)])
def test_more_than_that_is_refused(small_hall: Hall, count: int, status: int) -> None:
    files = [(f"{number}.png", png(number % 50)) for number in range(count)]
    assert upload(small_hall.browser("desk"), *files).status_code == status
    assert small_hall.rows(schema.letter) == []
