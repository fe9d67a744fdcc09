"""CARRY A TOKEN to another service: which targets get one, which one, and what becomes of it there."""

from .carrier import Carrier
from .challenges import ReceivedChallenge, received_challenges
from .client_authentication import (
    ClientAuthentication,
    Signer,
    client_secret_basic,
    client_secret_post,
    private_key_jwt,
)
from .rules import Carried, TokenRule, client_credentials, exchange_token, forward_token
from .step_up import StepUp, step_up
from .token_endpoint import TokenEndpoint

__all__ = [
    "Carried",
    "Carrier",
    "ClientAuthentication",
    "ReceivedChallenge",
    "Signer",
    "StepUp",
    "TokenEndpoint",
    "TokenRule",
    "client_credentials",
    "client_secret_basic",
    "client_secret_post",
    "exchange_token",
    "forward_token",
    "private_key_jwt",
    "received_challenges",
    "step_up",
]
