"""How Amazon Cognito spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..errors import ConfigurationError
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, several, trusted


def cognito(
    user_pool: str,
    *,
    clients: str | Iterable[str] = (),
    audience: str | Iterable[str] = (),
    accept_id_tokens: bool = False,
    **more: Unpack[Options],
) -> TrustedIssuer:
    """Access tokens of a Cognito user pool, or its ID tokens instead.

    ``user_pool``: its id (``"eu-central-1_Qw7Lm2Zk9"``). ``clients``: the app clients whose tokens are taken: Cognito
    writes no ``aud``, so ``client_id`` stands in. ``audience`` instead: for clients that use resource binding, which
    does write it. ``accept_id_tokens``: callers send ID tokens, whose ``aud`` is the client; access tokens are refused
    then.

    Groups are groups; ``cognito:roles`` are IAM roles of AWS and are not mapped. Users may be able to write ``custom:``
    attributes: map one, as in ``tenant="custom:tenant"``, only where the app client cannot write it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html

    Not settled: nothing that we know of.
    """
    region, _, name = identifier(user_pool, "cognito(user_pool)").partition("_")
    if not name:
        raise ConfigurationError("cognito(user_pool): write the pool's id, such as 'eu-central-1_Qw7Lm2Zk9'")
    if bool(clients) == bool(audience):
        raise ConfigurationError("cognito(): say clients, or audience where they use resource binding")
    bound = several(clients or audience, "cognito(clients)" if clients else "cognito(audience)")
    return trusted(
        f"https://cognito-idp.{region}.amazonaws.com/{user_pool}",
        bound if audience or accept_id_tokens else {"client_id": bound},
        more,
        algorithms=["RS256"],
        kind_claim=("token_use", "id" if accept_id_tokens else "access"),
        client_id="aud" if accept_id_tokens else "client_id",
        groups="cognito:groups",
        session_id="origin_jti",
    )
