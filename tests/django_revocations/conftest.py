"""Sets Django up for this folder; its databases are those of tests/django_issuing."""

from tests.django_issuing.conftest import configure, own_database, postgresql

__all__ = ["configure", "own_database", "postgresql"]
