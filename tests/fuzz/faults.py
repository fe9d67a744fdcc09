"""Faults from the door to the claims, each as small as somebody makes it; the fuzz must find every one."""

from typing import Final

from jwt_middleware import asgi, base64url, wsgi
from jwt_middleware.access import admission, challenge, principal_of, refusal_body, requirements, token_location
from jwt_middleware.keys import key_set
from jwt_middleware.verification import compact, json_object, kinds, token_cache, verify
from tests.planting import Fault

FAULTS: Final = (
    # the door
    Fault(
        "WebSockets are not guarded",
        asgi.JWTMiddleware.__call__,
        'scope["type"] not in REQUESTS',
        'scope["type"] != "http"',
    ),
    Fault("a header whose name ends alike counts", asgi.request_info, "each == wanted", "each.endswith(wanted)"),
    Fault(
        "the last of two headers is recalled",
        asgi.JWTMiddleware.__call__,
        'value if authorization is None else b""',
        "value",
    ),
    Fault("HEAD is refused with a body", asgi.JWTMiddleware.refuse, 'b"" if scope.get("method") == "HEAD" else ', ""),
    Fault("the same under WSGI", wsgi.JWTMiddleware._refuse, 'environ.get("REQUEST_METHOD") == "HEAD"', "False"),
    # the credentials
    Fault("of two headers the first counts", token_location._with_scheme, "if len(values) > 1:", "if False:"),
    Fault(
        "what is joined by a comma is one", token_location._with_scheme, "if _JOINED.search(values[0]):", "if False:"
    ),
    Fault(
        "what stands behind the token is overlooked",
        token_location._with_scheme,
        "_CREDENTIALS.fullmatch",
        "_CREDENTIALS.match",
    ),
    Fault("another scheme is a broken one", token_location._with_scheme, "_OTHER_SCHEME.fullmatch(values[0])", "False"),
    Fault(
        "a token in the query beside another one is overlooked",
        admission.find_token,
        "isinstance(later, TokenInQuery)",
        "False",
    ),
    Fault("a query of any length is read", token_location.TokenInQuery.__call__, ", max_num_fields=100", ""),
    Fault(
        "caches may keep the answer to a URL",
        admission.Admission.by_url,
        "isinstance(self.location, TokenInQuery)",
        "False",
    ),
    # the answer
    Fault(
        "a bad token is nobody on a public path",
        admission.waived,
        "anonymous = isinstance(admission.refusal, MissingToken)",
        "anonymous = admission.refusal.status == 401",
    ),
    Fault("a cache may keep a refusal", challenge.challenge_for, '("cache-control", "no-store")', '("vary", "*")'),
    Fault(
        "a challenge says what is missing inside",
        refusal_body.problem_json,
        "refusal.sentence",
        'f"{refusal.sentence}: {refusal.__context__}"',
    ),
    Fault(
        "a token is logged",
        compact.read_header,
        "if len(token) > max_size:",
        'import logging\n    logging.debug("read %s", token)\n    if len(token) > max_size:',
    ),
    # memory
    Fault("what is remembered never ends", token_cache.TokenCache.get, "self._clock() < ends_at", "self._clock()"),
    Fault(
        "a token is remembered longer than it lives",
        token_cache.TokenCache.put,
        "min(now + min(self._max_age, for_keys), claims.expires_at + rules.leeway)",
        "now + self._max_age",
    ),
    # rights
    Fault(
        "part of a scope is enough",
        requirements.Has.judge,
        "self.name in getattr(principal, self._field)",
        'self.name in " ".join(getattr(principal, self._field))',
    ),
    Fault(
        "who has no name is somebody",
        principal_of._principal,
        "if subject is None:",
        'subject = subject or ""\n    if False:',
    ),
    # who signed
    Fault("signatures are not looked at", verify.verify_signature, "if genuine is not True:", "if False:"),
    Fault("an unknown key id means the only key", key_set.KeySet.select, "and (kid is None or key.kid is None)", ""),
    # what it says
    Fault("an odd alg is looked up", compact._header, "not isinstance(algorithm, str) or ", ""),
    Fault(
        "crit and the like are not looked at", compact._header, "not _REFUSED_PARAMETERS.isdisjoint(header)", "False"
    ),
    Fault("tokens never expire", verify._check_times, "now >= expires_at + rules.leeway", "False"),
    Fault("nbf is not looked at", verify._check_times, "now < not_before - rules.leeway", "False"),
    Fault("the audience is not looked at", verify.look_at, "rules.audience.isdisjoint(audience)", "False"),
    Fault("a bound token is taken from anybody", kinds.refuse_other_kinds, '"cnf" in values', "False"),
    Fault("an ID token is taken", kinds._is_another, "not _ID_TOKEN.isdisjoint(values)", "False"),
    Fault("of a name that comes twice the last counts", json_object._object, "len(members) != len(pairs)", "False"),
    Fault("half a character is taken", json_object.parse_object, '("\\\\" in text and _has_surrogate(text))', "False"),
    Fault("dirty bits are taken", base64url.decode, "text[-1] not in _ENDINGS[over]", "False"),
    # what must not be refused
    Fault(
        "one name of the scheme is known",
        token_location._with_scheme,
        "_CREDENTIALS.fullmatch(values[0])",
        '_CREDENTIALS.fullmatch(values[0]) if values[0].startswith("Bearer") else None',
    ),
    Fault("leeway is forgotten", verify._check_times, "expires_at + rules.leeway", "expires_at"),
    Fault(
        "a list of audiences is refused",
        verify._audience,
        "isinstance(found, str) else found",
        "isinstance(found, str) else ()",
    ),
    # work
    Fault(
        "each character is a call",
        base64url.decode,
        "text.translate(_URL_SAFE)",
        "bytes(abs(abs(_URL_SAFE[each])) for each in text)",
    ),
)
