"""Faults of reading and verifying, each as small as somebody makes it."""

from typing import Final

from jwt_middleware import base64url
from jwt_middleware.keys import key
from jwt_middleware.verification import compact, json_object, kinds, verify
from tests.planting import Fault

FAULTS: Final = (
    Fault("signatures are not looked at", verify.verify_signature, "if genuine is not True:", "if False:"),
    Fault("tokens never expire", verify._check_times, "now >= expires_at + rules.leeway", "False"),
    Fault("leeway counts twice", verify._check_times, "expires_at + rules.leeway", "expires_at + 2 * rules.leeway"),
    Fault(
        "who has no exp lives on",
        verify.look_at,
        "if expires_at is None:",
        "expires_at = expires_at or now\n    if False:",
    ),
    Fault("nbf is not looked at", verify._check_times, "now < not_before - rules.leeway", "False"),
    Fault("tokens of the future are taken", verify._check_times, "now < issued_at - rules.leeway", "False"),
    Fault("the audience is not looked at", verify.look_at, "rules.audience.isdisjoint(audience)", "False"),
    Fault(
        "an audience that begins like ours is taken",
        verify.look_at,
        "rules.audience.isdisjoint(audience)",
        "not any(each.startswith(our) for each in audience for our in rules.audience)",
    ),
    Fault("one odd audience is overlooked", verify._audience, "isinstance(each, str) and each", "True"),
    Fault("an algorithm outside of the list is taken", key.secret_key, "len(material) >= size", "len(material) >= 32"),
    Fault(
        "padding is taken", base64url.decode, "over = len(text) % 4", 'text = text.rstrip(b"="); over = len(text) % 4'
    ),
    Fault("dirty bits are taken", base64url.decode, "text[-1] not in _ENDINGS[over]", "False"),
    Fault("foreign characters are skipped", base64url.decode, "strict_mode=True", "strict_mode=False"),
    Fault(
        "both alphabets are taken",
        base64url.decode,
        "text.translate(_URL_SAFE)",
        'text.translate(bytes.maketrans(b"-_", b"+/"))',
    ),
    Fault("of a name that comes twice the last counts", json_object._object, "len(members) != len(pairs)", "False"),
    Fault("NaN is a number", json_object._refuse_constant, 'raise ValueError("not a JSON number")', "return 0"),
    Fault("infinity is a number", json_object._finite, "not isfinite(number)", "False"),
    Fault("a byte order mark is skipped", json_object.parse_object, 'decode("utf-8")', 'decode("utf-8-sig")'),
    Fault("half a character is taken", json_object.parse_object, '("\\\\" in text and _has_surrogate(text))', "False"),
    Fault("nesting has no bound", json_object.parse_object, "_nesting(text) > _MAX_NESTING", "False"),
    Fault(
        "crit and the like are not looked at", compact._header, "not _REFUSED_PARAMETERS.isdisjoint(header)", "False"
    ),
    Fault("true is a time", verify._time, "isinstance(found, bool) or ", ""),
    Fault(
        "a text is a time",
        verify._time,
        "found = values[name]",
        "found = values[name]\n    if isinstance(found, str) and found.isdigit():\n        found = int(found)",
    ),
    Fault("a bound token is taken from anybody", kinds.refuse_other_kinds, '"cnf" in values', "False"),
    Fault("typ is not looked at", kinds.refuse_other_kinds, "kind not in kinds.types", "False"),
    Fault("an ID token is taken", kinds._is_another, "not _ID_TOKEN.isdisjoint(values)", "False"),
    Fault("a kind in the claims is not looked at", kinds._is_another, "word in _NAMES_OF_OTHERS", "False"),
)
