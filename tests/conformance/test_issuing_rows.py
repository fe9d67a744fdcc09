"""The rows of the issuing side name tests that are there, and their page is fresh."""

from conformance.issuing import PAGE, ROWS, missing_tests, page


def test_every_row_names_tests_that_are_there() -> None:
    assert list(missing_tests()) == []
    assert [row.id for row in ROWS if not row.tests and not row.planned] == []


def test_no_row_stands_twice_and_only_what_belongs_to_later_work_waits() -> None:
    ids = [row.id for row in ROWS]
    assert ids == sorted(set(ids))
    assert {row.planned for row in ROWS} == {"", "DPoP", "FAPI 2.0", "mutual TLS"}


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
