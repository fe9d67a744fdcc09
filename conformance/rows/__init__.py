"""The rows, by group: A credentials and challenges, B signed tokens, C access tokens, D keys, F decisions."""

from typing import Final

from ..row import Row
from . import (
    access_tokens,
    challenges,
    claims,
    credentials,
    decisions,
    encoding,
    explanations,
    issuer_keys,
    key_ids,
    kinds_of_key,
    metadata,
    other_answers,
    signatures,
)

ROWS: Final[tuple[Row, ...]] = tuple(
    sorted(
        (
            *credentials.ROWS,
            *challenges.ROWS,
            *other_answers.ROWS,
            *signatures.ROWS,
            *key_ids.ROWS,
            *encoding.ROWS,
            *kinds_of_key.ROWS,
            *claims.ROWS,
            *access_tokens.ROWS,
            *metadata.ROWS,
            *issuer_keys.ROWS,
            *decisions.ROWS,
            *explanations.ROWS,
        ),
        key=lambda row: row.id,
    )
)
