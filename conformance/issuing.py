"""What the standards ask of an issuer, row by row, and the tests that show it: ``python -m conformance.issuing``."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .issuer_row import IssuerRow
from .issuer_row import row as _row
from .registered_clients import CLIENT_ROWS

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "conformance-issuing.md"

_TOKENS = "tests/issuing/test_token_issuer.py"
_KEYS = "tests/issuing/test_signing_keys.py"
_KEY = "tests/issuing/test_signing_key.py"
_LIFE = "tests/issuing/test_key_life.py"
_DOCUMENTS = "tests/issuing/test_documents.py"
_SESSIONS = "tests/issuing/test_sessions.py"
_STORES = "tests/issuing/test_session_stores.py"
_ROUTES = "tests/starlette/test_issuing.py"
_REGISTERED = "tests/issuing/test_clients.py"
_JUDGES = "tests/interop/test_judges.py"
_DJANGO = "tests/django_issuing/test_endpoints.py"
_DATABASES = "tests/django_issuing/test_stores.py"
_REDIS = "tests/revocation_stores/test_redis.py"
_REVOKED = "tests/verification/test_revocation.py"
_LOGOUT = "tests/test_backchannel_logout.py"
_PROVIDER = "tests/interop/test_backchannel_logout.py"


_OF_THE_ISSUER: Final = (
    _row("C-02", "RFC 9068, 2.2", "Tokens carry iss, exp, aud, sub, client_id, iat and jti.", (_JUDGES, "test_our_tokens_are_accepted"), (_TOKENS, "test_a_token_says_nothing_that_nobody_asked_for")),
    _row("C-10", "RFC 9068, 2.2.3.1", "Roles and groups are written under these names.", (_TOKENS, "test_a_token_says_who_is_calling_and_what_they_may_do")),
    _row("C-12", "RFC 9068, 5", "A machine's token can be told from a person's, and nobody may choose a name that is a client's.", (_TOKENS, "test_a_machine_is_told_apart_from_every_person"), (_ROUTES, "test_nobody_logs_in_who_would_be_taken_for_a_client")),
    _row("C-13", "RFC 9068, 5", "Each resource has an audience of its own.", (_TOKENS, "test_two_audiences_are_two_tokens_that_are_not_interchangeable")),
    _row("C-14", "RFC 9068, 3", "`resource` becomes the audience.", (_ROUTES, "test_fewer_scopes_and_resources_can_be_asked_for_and_never_more"), decided="Without `resource` a token is for all audiences that the application declares, and none is derived from scopes: the endpoints belong to one application, which knows its services."),
    _row("C-15", "RFC 9068, 3", "No token is issued whose grant is ambiguous.", (_SESSIONS, "test_more_than_was_granted_is_refused_and_uses_nothing_up")),
    _row("C-16", "RFC 9068, 2.1", "Tokens are signed, RS256 is supported, and `typ` is at+jwt.", (_TOKENS, "test_a_token_says_who_is_calling_and_what_they_may_do"), (_JUDGES, "test_our_tokens_are_accepted")),
    _row("C-17", "RFC 9068, 2.2.1", "`auth_time`, `acr` and `amr` stay the same through every refresh.", (_SESSIONS, "test_when_and_how_somebody_logged_in_stays_the_same")),
    _row("C-19", "RFC 9068, 2.2.2", "A token says of a person what was configured and no more.", (_TOKENS, "test_a_token_says_nothing_that_nobody_asked_for"), (_TOKENS, "test_a_custom_claim_never_says_what_the_standards_say")),
    _row("D-02", "RFC 8414, 3.1", "The well-known path is inserted between host and path.", (_DOCUMENTS, "test_the_metadata_stands_where_verifiers_look"), (_ROUTES, "test_an_issuer_with_a_path_and_one_with_shared_secrets")),
    _row("D-05", "RFC 8414, 3.2", "Metadata is a JSON object with status 200; empty lists are left out.", (_DOCUMENTS, "test_the_metadata_says_what_is_there_and_nothing_else"), (_ROUTES, "test_the_keys_and_the_metadata_are_where_verifiers_look")),
    _row("D-17", "RFC 7517, 8.5.1", "The key set is application/jwk-set+json with Cache-Control and an ETag.", (_DOCUMENTS, "test_the_key_set_may_be_kept_for_half_of_what_the_overlap_allows"), (_DOCUMENTS, "test_whoever_has_the_key_set_already_is_told_so")),
    _row("D-18", "RFC 7517, 9.2", "Only public members are published.", (_DOCUMENTS, "test_the_key_set_names_every_published_key_and_nothing_private"), (_DOCUMENTS, "test_shared_secrets_are_never_published")),
    _row("D-19", "OpenID Core, 10.1.1", "A key is published before it signs, and stays until the last token it signed has expired.", (_LIFE, "test_no_good_token_is_refused_and_a_withdrawn_key_is_refused_in_time"), (_KEYS, "test_a_key_that_some_verifier_may_not_know_does_not_sign")),
    _row("D-20", "RFC 7517, 4.5; RFC 7638", "Key ids are unique: the thumbprint.", (_KEY, "test_the_thumbprint_is_that_of_rfc_7638")),
    _row("D-21", "RFC 8414, 2", "Metadata tells the truth, and never names `none`.", (_DOCUMENTS, "test_metadata_that_would_lie_is_refused")),
    _row("D-23", "RFC 9728, 4", "`protected_resources` can be named.", (_DOCUMENTS, "test_the_metadata_says_what_is_there_and_nothing_else")),
    _row("K-01", "RFC 7009, 2", "Refresh tokens can be revoked, and access tokens, too.", (_ROUTES, "test_a_login_opens_the_api_and_a_refresh_keeps_it_open"), (_SESSIONS, "test_one_session_that_ends_leaves_the_others_alone"), (_REGISTERED, "test_an_access_token_is_revoked_at_once_whatever_the_hint"), (_REGISTERED, "test_a_refresh_token_takes_its_access_tokens_along")),
    _row("K-02", "RFC 7009, 2.2", "Unknown and invalid tokens get the answer of a success.", (_ROUTES, "test_whoever_is_logged_out_already_gets_the_same_answer"), (_REGISTERED, "test_what_is_no_token_is_revoked_already")),
    _row("K-03", "RFC 7009, 2.1", "Unknown hints are ignored.", (_REGISTERED, "test_an_access_token_is_revoked_at_once_whatever_the_hint")),
    _row("K-04", "RFC 7009, 2.1", "The client authenticates first.", (_REGISTERED, "test_who_does_not_prove_it_is_nobody")),
    _row("K-05", "RFC 7009, 2.1", "The token of another client is refused and untouched.", (_SESSIONS, "test_a_token_of_another_client_is_refused_and_untouched"), (_REGISTERED, "test_a_token_of_another_client_is_refused_and_untouched")),
    _row("K-06", "RFC 7009, 2.1", "Who revokes a refresh token revokes the access tokens of its session.", (_REGISTERED, "test_a_refresh_token_takes_its_access_tokens_along"), (_SESSIONS, "test_one_session_that_ends_leaves_the_others_alone")),
    _row("K-07", "RFC 7009, 2.1", "It holds at once at the issuer, and within a stated time elsewhere.", (_REDIS, "test_a_hundred_revocations_reach_three_processes_within_a_second"), ("tests/django_revocations/test_store.py", "test_a_hundred_revocations_reach_three_processes_within_a_second")),
    _row("K-08", "RFC 7009, 2.2.1", "503 with Retry-After when it cannot be done now.", (_SESSIONS, "test_a_session_does_not_end_quietly_while_its_revocation_cannot_be_written"), (_ROUTES, "test_an_outage_is_503_and_nothing_is_lost"), (_REGISTERED, "test_an_outage_is_503_and_says_nothing_else"), (_REGISTERED, "test_without_a_store_an_access_token_cannot_be_revoked")),
    _row("K-11", "(engineering)", "Tokens, sessions, subjects, clients and keys are withdrawn; entries end with their tokens.", (_REVOKED, "test_each_thing_that_a_token_names_can_be_withdrawn"), (_REDIS, "test_entries_vanish_when_their_tokens_have_expired")),
    _row("K-12", "(engineering)", "A store out of reach is a refusal or an admission by choice, never in silence.", (_REDIS, "test_out_of_reach_is_refused_after_the_stated_staleness_or_admitted_by_choice")),
    _row("K-13", "Back-Channel Logout, 2.5", "The endpoint takes a POST with a form.", (_LOGOUT, "test_starlette_has_a_route_for_it"), (_LOGOUT, "test_a_body_that_is_no_such_form_is_refused")),
    _row("K-14", "Back-Channel Logout, 2.6", "The signature is that of the issuer, and never `none`.", (_LOGOUT, "test_a_foreign_signature_is_refused"), (_LOGOUT, "test_everything_else_is_refused_and_ends_nothing")),
    _row("K-15", "Back-Channel Logout, 2.6", "iss, aud (our client id), iat and exp are checked.", (_LOGOUT, "test_everything_else_is_refused_and_ends_nothing")),
    _row("K-16", "Back-Channel Logout, 2.6", "sub, sid or both are there.", (_LOGOUT, "test_everything_else_is_refused_and_ends_nothing")),
    _row("K-17", "Back-Channel Logout, 2.6", "`events` is an object with the logout event, which is an object.", (_LOGOUT, "test_everything_else_is_refused_and_ends_nothing")),
    _row("K-18", "Back-Channel Logout, 2.6", "There is no nonce, not even an empty one.", (_LOGOUT, "test_everything_else_is_refused_and_ends_nothing")),
    _row("K-19", "Back-Channel Logout, 2.4", "`typ` is logout+jwt or says nothing; other kinds are refused.", (_LOGOUT, "test_what_the_specification_allows_is_taken"), (_LOGOUT, "test_everything_else_is_refused_and_ends_nothing")),
    _row("K-20", "Back-Channel Logout, 2.6", "A second delivery has no effect.", (_LOGOUT, "test_a_session_ends")),
    _row("K-21", "Back-Channel Logout, 2.7", "The effect is there before the answer; 400 on failure; not stored.", (_PROVIDER, "test_a_logout_at_the_provider_is_heard_within_a_second"), (_LOGOUT, "test_a_store_out_of_reach_is_503_and_not_a_success")),
    _row("K-22", "Back-Channel Logout, 2.7", "Refresh tokens end with the logout.", (_ROUTES, "test_log_out_everywhere")),
    _row("L-04", "RFC 6749, 5.1", "Answers with tokens, and refusals, are not stored.", (_ROUTES, "test_a_login_opens_the_api_and_a_refresh_keeps_it_open"), (_DJANGO, "test_a_user_logs_in_refreshes_and_logs_out")),
    _row("L-27", "RFC 6749, 10.10", "Opaque credentials hold at least 128 random bits.", (_SESSIONS, "test_tokens_are_unguessable")),
    _row("M-01", "OAuth 2.1, 4.3", "A refresh token is bound to its client.", (_SESSIONS, "test_a_token_of_another_client_is_refused_and_untouched")),
    _row("M-02", "RFC 9700, 4.14.2", "Public clients: refresh tokens rotate.", (_SESSIONS, "test_a_session_begins_and_goes_on")),
    _row("M-03", "RFC 9700, 4.14.2", "A token that is used again ends the session, its access tokens included.", (_SESSIONS, "test_after_the_grace_somebody_holds_a_copy_and_the_session_ends")),
    _row("M-04", "(races)", "A rotation is one atomic step.", (_STORES, "test_a_store"), (_DATABASES, "test_a_store"), (_DATABASES, "test_fifty_requests_over_http_with_one_token")),
    _row("M-05", "(races)", "A short grace for the token before alone, with the same successor.", (_SESSIONS, "test_the_token_before_gets_the_same_successor_within_the_grace"), (_SESSIONS, "test_an_older_token_ends_the_session_even_within_the_grace")),
    _row("M-06", "OAuth 2.1, 4.3.1", "Scopes may be fewer for one token, and never more; the session keeps its own.", (_SESSIONS, "test_scopes_may_be_fewer_for_one_token_and_come_back"), (_SESSIONS, "test_more_than_was_granted_is_refused_and_uses_nothing_up")),
    _row("M-07", "RFC 9700, 4.14.2", "Bound to the resources that were granted.", (_SESSIONS, "test_more_than_was_granted_is_refused_and_uses_nothing_up")),
    _row("M-08", "OAuth 2.1, 4.3.1", "The account is asked again at every refresh.", (_SESSIONS, "test_a_session_ends_with_its_account"), (_DJANGO, "test_what_no_signal_tells_of_is_noticed_at_the_next_refresh")),
    _row("M-09", "OAuth 2.1, 4.3.3", "Sessions end when idle, and in any case some day.", (_SESSIONS, "test_a_session_that_nobody_refreshes_expires")),
    _row("M-10", "OAuth 2.1, 4.3.3", "They end with the password, at logout, and when an account is disabled.", (_DJANGO, "test_sessions_end_at_once_with_their_user"), (_ROUTES, "test_log_out_everywhere")),
    _row("M-11", "OAuth 2.1, 4.3", "Tokens are unguessable, cannot be tampered with, and are kept as digests.", (_SESSIONS, "test_a_dump_of_the_store_holds_no_token_that_works"), (_DATABASES, "test_a_dump_of_the_tables_holds_nothing_that_works")),
    _row("M-12", "FAPI 2.0, 5.3.2.1", "Confidential clients: no rotation.", (_SESSIONS, "test_a_confidential_client_keeps_its_token")),
    _row("M-13", "RFC 9449, 5", "Refresh tokens bound to a key.", (_SESSIONS, "test_after_the_grace_somebody_holds_a_copy_and_the_session_ends"), decided="Refresh tokens rotate, and a second use ends the session: OAuth 2.1 asks public clients for one of the two. All tokens that are issued here are bearer tokens."),
    _row("M-14", "(draft on expiration)", "The answer says how long the refresh token and the session last.", (_ROUTES, "test_a_login_opens_the_api_and_a_refresh_keeps_it_open"), (_SESSIONS, "test_a_session_that_nobody_refreshes_expires")),
    _row("M-15", "OAuth 2.1, 4.3.2", "A client replaces the refresh token that it keeps whenever a new one comes.", ("tests/client/test_token_endpoint.py", "test_an_answer_is_read"), decided="The client here keeps no refresh token: its tokens come by client_credentials or by exchange, and what else an answer holds is ignored."),
    _row("M-16", "RFC 9068, 2.2.1", "See C-17.", (_SESSIONS, "test_when_and_how_somebody_logged_in_stays_the_same")),
)  # fmt: skip
ROWS: Final = tuple(sorted((*_OF_THE_ISSUER, *CLIENT_ROWS), key=lambda each: each.id))


def page() -> str:
    """The page that shows the rows."""
    counts = {status: sum(row.status == status for row in ROWS) for status in ("met", "decided otherwise", "planned")}
    lines = [
        "# Conformance of the issuing side",
        "",
        "What the standards ask of an issuer, row by row, and the tests that show it. Written by",
        "`python -m conformance.issuing`. The ids are those of [the other page](conformance.md), with K for revocation and",
        "logout, L for the token endpoint, M for refresh tokens, J for introspection, P for token exchange and Q for services",
        "that call other services. Optional rows that nothing here is about are left out.",
        "",
        f"{len(ROWS)} rows: {', '.join(f'{count} {status}' for status, count in counts.items())}.",
        "",
        "| row | section | requirement | status | shown by |",
        "|---|---|---|---|---|",
        *map(_line, ROWS),
    ]
    return "\n".join(lines) + "\n"


def _line(row: IssuerRow) -> str:
    status = {"decided otherwise": f"decided otherwise: {row.decided}", "planned": f"planned: {row.planned}"}
    shown = "<br>".join(f"`{each}`" for each in row.tests)
    return f"| {row.id} | {row.section} | {row.requirement} | {status.get(row.status, row.status)} | {shown} |"


def missing_tests() -> Iterator[str]:
    """The tests that rows name and that are not there."""
    for row in ROWS:
        for each in row.tests:
            file, _, name = each.partition("::")
            place = ROOT / file
            tree = ast.parse(place.read_text(encoding="utf-8")) if place.is_file() else ast.Module([], [])
            if name not in {
                node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }:
                yield each


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        sys.exit("docs/conformance-issuing.md is stale: run python -m conformance.issuing")
