"""What the standards ask of a token endpoint for services, and of services that call one another: rows and tests."""

from typing import Final

from .issuer_row import row

_REGISTERED = "tests/issuing/test_clients.py"
_DOCUMENTS = "tests/issuing/test_documents.py"
_COMPACT = "tests/verification/test_compact.py"
_JWT_ONLY = (
    "Resource servers here take JWTs alone, which they verify without asking anybody. An opaque token is refused like"
    " any other text that is no JWT: each request would wait for the issuer, and its outage would be ours. What an issuer"
    " withdraws early is heard of through a revocation store."
)
_DJANGO = "tests/django_issuing/test_clients.py"
_CLIENTS = "tests/interop/test_registered_clients.py"
_CARRIER = "tests/client/test_carrier.py"
_RULES = "tests/client/test_rules.py"
_HOSTILE = "tests/client/test_hostile_targets.py"
_HELD = "tests/client/test_held_tokens.py"
_ENDPOINT = "tests/client/test_token_endpoint.py"
_BACK = "tests/client/test_giving_back.py"
_STEP_UP = "tests/client/test_step_up.py"
_TRACE = "tests/client/test_trace.py"
_PROOFS = "tests/client/test_client_authentication.py"
_ACTORS = "tests/access/test_delegation.py"
_NAMED = "tests/access/test_principal_of.py"

CLIENT_ROWS: Final = (
    row("J-01", "RFC 7662, 2.1", "POST, form encoded, `token` is required.", (_REGISTERED, "test_a_request_without_a_token_is_malformed"), (_CLIENTS, "test_only_posts_are_taken")),
    row("J-02", "RFC 7662, 2.1", "Whoever asks authenticates.", (_REGISTERED, "test_who_does_not_prove_it_is_nobody")),
    row("J-03", "RFC 7662, 4", "Whoever asks must be allowed to.", (_REGISTERED, "test_of_all_others_nothing_is_said")),
    row("J-04", "RFC 7662, 2.2", "Unknown, expired, revoked and foreign tokens get one answer.", (_REGISTERED, "test_of_all_others_nothing_is_said")),
    row("J-05", "RFC 7662, 2.2", "Nothing but `active` is said of them.", (_REGISTERED, "test_of_all_others_nothing_is_said")),
    row("J-06", "RFC 7662, 4", "Signature, times, revocation and the audience of whoever asks are checked.", (_REGISTERED, "test_of_all_others_nothing_is_said"), (_REGISTERED, "test_a_good_token_is_described_to_whom_it_is_meant_for")),
    row("J-07", "RFC 7662, 2.1", "A wrong hint changes nothing.", (_REGISTERED, "test_a_refresh_token_is_described_to_its_client_only"), (_REGISTERED, "test_a_good_token_is_described_to_whom_it_is_meant_for")),
    row("J-08", "RFC 7662, 2.3", "Bad credentials are 401 as RFC 6749 has it.", (_REGISTERED, "test_who_does_not_prove_it_is_nobody")),
    row("J-09", "RFC 7662, 2.2 and 4", "Answers are never kept beyond `exp`, and by a hash.", (_COMPACT, "test_anything_but_three_canonical_segments_is_refused"), decided=_JWT_ONLY),
    row("J-10", "RFC 7662, 2.2 and 4", "`active` is the JSON value true.", (_COMPACT, "test_anything_but_three_canonical_segments_is_refused"), decided=_JWT_ONLY),
    row("J-11", "RFC 7662, 2.2 and 4", "Audience, issuer, scope and times are checked all the same.", (_COMPACT, "test_anything_but_three_canonical_segments_is_refused"), decided=_JWT_ONLY),
    row("J-12", "RFC 7662, 2.2 and 4", "The endpoint is asked over TLS.", (_COMPACT, "test_anything_but_three_canonical_segments_is_refused"), decided=_JWT_ONLY),
    row("J-13", "RFC 7662, 2.2 and 4", "An endpoint out of reach is 503.", (_COMPACT, "test_anything_but_three_canonical_segments_is_refused"), decided=_JWT_ONLY),
    row("J-14", "RFC 7662, 2.2", "Whoever asks sees what concerns them.", (_REGISTERED, "test_of_all_others_nothing_is_said"), (_REGISTERED, "test_several_targets_get_what_all_of_them_grant")),
    row("J-15", "RFC 9701, 4", "A resource server asks for the signed answer.", (_COMPACT, "test_anything_but_three_canonical_segments_is_refused"), decided=_JWT_ONLY),
    row("J-16", "RFC 9701, 5", "A signed answer has its own `typ`, and names issuer and reader.", (_REGISTERED, "test_whoever_asks_for_it_gets_a_signed_answer_that_names_them"), (_REGISTERED, "test_everybody_else_gets_json")),
    row("J-17", "RFC 9701, 5", "A signed answer is no access token.", (_REGISTERED, "test_a_signed_answer_is_no_access_token")),
    row("J-18", "RFC 9701, 5", "It is given to whom the token is meant for.", (_REGISTERED, "test_a_signed_answer_is_given_to_whom_the_token_is_meant_for")),
    row("K-09", "RFC 7009, 2.2.1", "A client that hears 503 takes the token for alive.", (_BACK, "test_a_token_that_could_not_be_given_back_is_held_and_good_still"), (_BACK, "test_what_could_not_be_given_back_at_the_end_stays")),
    row("K-10", "RFC 7009, 2", "A client sends tokens to https only.", (_BACK, "test_a_token_goes_to_no_endpoint_that_is_not_the_issuers"), (_BACK, "test_an_endpoint_that_is_named_needs_no_discovery_and_is_https")),
    row("L-01", "OAuth 2.1, 3.2", "POST, form encoded, UTF-8.", (_REGISTERED, "test_what_is_no_such_form_is_malformed"), (_CLIENTS, "test_only_posts_are_taken")),
    row("L-02", "OAuth 2.1, 3.2", "Unknown parameters are ignored, empty ones absent, repeated ones refused but for `resource` and `audience`.", (_REGISTERED, "test_empty_parameters_are_absent_and_unknown_ones_ignored"), (_REGISTERED, "test_what_is_no_such_form_is_malformed"), (_REGISTERED, "test_several_targets_get_what_all_of_them_grant")),
    row("L-03", "OAuth 2.1, 3.2.3", "The answer is JSON with access_token, token_type, expires_in and scope.", (_REGISTERED, "test_a_token_of_its_own_is_for_one_target_and_comes_without_a_refresh_token")),
    row("L-05", "OAuth 2.1, 3.2.4", "Each error has its code.", (_REGISTERED, "test_what_is_not_registered_is_not_granted"), (_CLIENTS, "test_openid_client")),
    row("L-06", "OAuth 2.1, 3.2.4", "Failed authentication is 401 with a challenge.", (_REGISTERED, "test_who_does_not_prove_it_is_nobody")),
    row("L-07", "OAuth 2.1, 3.2.4", "Codes and sentences hold no character that they may not.", (_REGISTERED, "test_every_sentence_is_one_that_may_be_sent")),
    row("L-08", "OAuth 2.1, 2.4", "One method of authentication per request.", (_REGISTERED, "test_two_proofs_in_one_request_are_malformed")),
    row("L-09", "RFC 6749, 2.3.1", "Id and secret are form-encoded in the header, by client and server.", (_REGISTERED, "test_a_secret_in_the_header"), (_PROOFS, "test_basic_encodes_id_and_secret_before_it_joins_them")),
    row("L-10", "OAuth 2.1, 2.4.1", "The secret may stand in the form, and never in the URL.", (_REGISTERED, "test_a_secret_in_the_form"), (_CLIENTS, "test_only_posts_are_taken")),
    row("L-11", "RFC 9110, 11.1", "`basic` is compared without case.", (_REGISTERED, "test_a_secret_in_the_header")),
    row("L-12", "OAuth 2.1, 2.4.1", "Guessing ends; secrets are compared in constant time and kept as hashes.", (_REGISTERED, "test_guessing_ends_and_holds_up_nobody_who_knows"), (_REGISTERED, "test_no_secret_is_kept_or_shown"), (_DJANGO, "test_the_command_gives_secrets_and_keeps_only_their_hashes")),
    row("L-13", "OAuth 2.1, 4.2", "Only confidential clients get tokens of their own.", (_REGISTERED, "test_mistakes_in_a_client_are_found_when_it_is_declared"), (_REGISTERED, "test_who_does_not_prove_it_is_nobody")),
    row("L-14", "RFC 6749, 4.4.3", "No refresh token comes with them.", (_REGISTERED, "test_a_token_of_its_own_is_for_one_target_and_comes_without_a_refresh_token")),
    row("L-15", "RFC 9700, 2.4", "There is no password grant.", (_REGISTERED, "test_what_is_not_registered_is_not_granted"), (_REGISTERED, "test_metadata_says_what_is_there")),
    row("L-16", "RFC 9700, 2.5", "Clients may prove themselves by a key.", (_CLIENTS, "test_openid_client"), (_CLIENTS, "test_our_own_client_from_a_users_request_to_the_target")),
    row("L-17", "RFC 7521, 4.2", "The type of the assertion is exact, and a client_id agrees with it.", (_REGISTERED, "test_an_assertion_of_somebody_else_is_no_proof")),
    row("L-18", "RFC 7523, 3", "iss and sub are the client, aud is this server, exp is there.", (_REGISTERED, "test_an_assertion_that_says_anything_wrong_is_no_proof"), (_PROOFS, "test_an_assertion_is_for_the_issuer_alone_short_lived_and_new_each_time")),
    row("L-19", "RFC 7523bis, 4", "aud is the issuer and nothing else.", (_REGISTERED, "test_an_assertion_that_says_anything_wrong_is_no_proof"), (_REGISTERED, "test_an_old_client_may_name_what_is_registered_for_it")),
    row("L-20", "RFC 7523bis, 4", "Assertions say what they are; other kinds are refused.", (_REGISTERED, "test_an_assertion_that_says_anything_wrong_is_no_proof"), (_PROOFS, "test_an_assertion_is_for_the_issuer_alone_short_lived_and_new_each_time")),
    row("L-21", "RFC 7523, 3", "An assertion is good once, and not for long.", (_REGISTERED, "test_an_assertion_is_a_proof_once"), (_DJANGO, "test_an_assertion_is_good_once_in_every_process")),
    row("L-22", "FAPI 2.0, 5.3.2.1", "A profile without RS256.", planned="FAPI 2.0"),
    row("L-23", "RFC 7523, 2.1", "An assertion of somebody else is exchanged for a token.", (_REGISTERED, "test_what_is_not_registered_is_not_granted"), decided="There is no JWT bearer grant: whoever has a token of another issuer shows it to services that trust that issuer, by a TrustedIssuer of their own. The grant is refused as unsupported_grant_type."),
    row("L-24", "OAuth 2.1, 2.4", "A client without a credential is none.", (_REGISTERED, "test_mistakes_in_a_client_are_found_when_it_is_declared")),
    row("L-25", "Fetch, CORS protocol", "Pages of other origins may read token endpoint, revocation, metadata and key set.", (_DOCUMENTS, "test_a_script_of_any_origin_may_read_the_documents"), (_REGISTERED, "test_no_page_of_another_origin_reads_an_answer"), decided="Metadata and key set may be read from anywhere. The endpoints for clients may not: all of their clients are confidential, and a page in a browser keeps no secret."),
    row("L-26", "RFC 9700, 4.12", "No 307 redirect carries credentials on.", (_CLIENTS, "test_nothing_is_redirected_with_its_secrets"), (_ENDPOINT, "test_a_redirect_gets_neither_secret_nor_form")),
    row("L-28", "RFC 8707, 2", "`resource` is an absolute URI without fragment; what is not granted is invalid_target.", (_REGISTERED, "test_what_is_not_registered_is_not_granted")),
    row("L-29", "RFC 8707, 2.2", "aud is what was asked for, and scope follows it.", (_REGISTERED, "test_several_targets_get_what_all_of_them_grant"), (_REGISTERED, "test_a_confidential_client_keeps_its_refresh_token")),
    row("P-01", "RFC 8693, 2.1", "The subject token and its type are required.", (_REGISTERED, "test_an_exchange_that_is_malformed_is_an_invalid_request")),
    row("P-02", "RFC 8693, 2.1", "The type of an actor token comes with one, and only then.", (_REGISTERED, "test_an_exchange_that_is_malformed_is_an_invalid_request")),
    row("P-03", "RFC 8693, 2.1", "Both tokens are verified by the type that is declared.", (_REGISTERED, "test_an_exchange_that_is_malformed_is_an_invalid_request"), (_REGISTERED, "test_a_token_that_may_not_be_exchanged_is_an_invalid_request")),
    row("P-04", "RFC 8693, 2.2.2", "A bad token is invalid_request.", (_REGISTERED, "test_a_token_that_may_not_be_exchanged_is_an_invalid_request")),
    row("P-05", "RFC 8693, 2.2.2", "A target that is not granted is invalid_target.", (_REGISTERED, "test_who_may_not_exchange_is_told_so")),
    row("P-06", "RFC 8693, 2.2.1", "The answer says which type was issued.", (_REGISTERED, "test_an_exchanged_token_says_whom_it_is_about_and_who_acts"), (_CLIENTS, "test_requests_oauth2client")),
    row("P-07", "RFC 8693, 2.2.1", "scope and expires_in are said, and no refresh token comes.", (_REGISTERED, "test_an_exchanged_token_says_whom_it_is_about_and_who_acts")),
    row("P-08", "RFC 8693, 4.1", "The chain grows outwards: who acts now is the outermost.", (_REGISTERED, "test_the_chain_grows_outwards"), (_ACTORS, "test_the_chain_begins_with_who_acts_now")),
    row("P-09", "RFC 8693, 4.1", "`act` holds identities; what else stands there is ignored.", (_REGISTERED, "test_identities_and_nothing_else_stand_in_the_chain"), (_ACTORS, "test_what_else_stands_beside_an_actor_means_nothing")),
    row("P-10", "RFC 8693, 4.1", "Whoever acted before grants nothing.", (_ACTORS, "test_who_calls")),
    row("P-11", "RFC 8693, 4.4", "`may_act` says who may act.", (_REGISTERED, "test_whom_the_token_lets_act_may_act"), (_REGISTERED, "test_a_token_that_may_not_be_exchanged_is_an_invalid_request")),
    row("P-12", "RFC 8693, 2.1", "Who may exchange what for whom is registered.", (_REGISTERED, "test_who_may_not_exchange_is_told_so"), (_REGISTERED, "test_who_does_not_prove_it_is_nobody")),
    row("P-13", "RFC 8693, 2.1", "Several targets get what all of them grant.", (_REGISTERED, "test_several_targets_get_what_all_of_them_grant"), (_REGISTERED, "test_what_is_not_registered_is_not_granted")),
    row("P-14", "(least privilege)", "An exchanged token neither outlives nor exceeds the one before.", (_REGISTERED, "test_it_never_outlives_the_callers_token"), (_REGISTERED, "test_it_has_no_more_scopes_than_the_caller_and_the_target_grant")),
    row("P-15", "RFC 8693, 4.2 and 4.3", "client_id is whoever exchanged it, scope is a text.", (_REGISTERED, "test_an_exchanged_token_says_whom_it_is_about_and_who_acts")),
    row("P-16", "RFC 8693, 1.1", "There is no impersonation: every exchanged token names who acts.", (_REGISTERED, "test_an_exchanged_token_says_whom_it_is_about_and_who_acts")),
    row("P-17", "(depth)", "A chain of more than ten is refused, by issuer and resource server.", (_REGISTERED, "test_a_token_that_may_not_be_exchanged_is_an_invalid_request"), (_NAMED, "test_a_chain_of_eleven_actors_refuses_the_token")),
    row("P-18", "RFC 8693, 2.1", "The end of a session reaches exchanged tokens.", (_REGISTERED, "test_a_revoked_token_is_not_exchanged_and_the_end_of_a_session_reaches_exchanged_ones")),
    row("Q-01", "OAuth 2.1, 5.1.1", "Tokens are sent in the header only.", (_CARRIER, "test_the_callers_token_goes_to_a_target_that_it_is_meant_for")),
    row("Q-02", "RFC 9700, 2.3", "A caller's token goes to listed targets that it is meant for, and nowhere else.", (_CARRIER, "test_it_goes_to_nobody_else"), (_CARRIER, "test_to_a_target_that_is_not_listed_nothing_is_sent"), (_CARRIER, "test_a_request_that_was_rewritten_on_its_way_forwards_nothing")),
    row("Q-03", "RFC 9110, 15.4", "No token crosses origins on a redirect, nor goes from https to http.", (_HOSTILE, "test_a_redirect_to_another_port_carries_nothing"), (_HOSTILE, "test_a_redirect_away_and_back_brings_no_token_back"), (_HOSTILE, "test_a_redirect_from_https_to_http_carries_nothing")),
    row("Q-04", "OAuth 2.1, 3.2.3", "Unknown members are ignored; token_type is compared without case.", (_ENDPOINT, "test_an_answer_is_read")),
    row("Q-05", "OAuth 2.1, 3.2.3", "A token that died early is renewed once, if the body can be sent again.", (_CARRIER, "test_a_token_that_died_early_is_renewed_and_the_request_sent_once_more"), (_CARRIER, "test_a_token_that_is_never_good_is_renewed_once"), (_CARRIER, "test_a_body_that_is_gone_is_not_sent_again")),
    row("Q-06", "RFC 9110, 15.5.4", "A 403 is not retried.", (_CARRIER, "test_any_other_answer_is_left_as_it_is")),
    row("Q-07", "(cache)", "Kept apart by all that was asked for; renewed ahead with jitter; one fetch for everybody.", (_CARRIER, "test_what_is_asked_for_differently_is_kept_apart"), (_HELD, "test_the_moment_of_renewal_differs_from_token_to_token"), (_HELD, "test_a_hundred_threads_cause_one_fetch"), (_RULES, "test_a_hundred_calls_at_once_cause_one_token_request")),
    row("Q-08", "RFC 6749, 3.3", "The granted scopes can be seen.", (_RULES, "test_the_granted_scopes_are_told")),
    row("Q-09", "(step-up)", "More scopes after insufficient_scope.", (_STEP_UP, "test_what_is_wanted_is_read_from_the_challenge"), (_CARRIER, "test_any_other_answer_is_left_as_it_is"), decided="What a target wants is told to the application (`step_up`) and never asked for by itself: a target that was taken over could make its callers ask for every scope that they may have. Scopes are those of the rule."),
    row("Q-10", "RFC 8707, 2", "`resource` is sent with every token request, path included.", (_CARRIER, "test_our_own_token_is_fetched_once_for_its_resource_and_scopes"), (_ENDPOINT, "test_it_is_found_by_discovery_and_asked_with_a_form")),
    row("Q-11", "RFC 8414, 3.3", "Only endpoints of a verified issuer are asked.", (_ENDPOINT, "test_metadata_of_somebody_else_or_with_a_bad_endpoint_is_not_believed"), (_ENDPOINT, "test_an_endpoint_at_another_origin_must_be_listed")),
    row("Q-12", "RFC 9449", "Tokens bound to a key.", planned="DPoP"),
    row("Q-13", "RFC 8705, 5", "Aliases of endpoints for mutual TLS.", planned="mutual TLS"),
    row("Q-14", "RFC 7009", "Held tokens are revoked at the end, when asked.", (_BACK, "test_all_that_is_held_is_given_back_at_the_end"), (_BACK, "test_our_own_issuer_takes_it_back")),
    row("Q-15", "Trace Context, 3", "The trace of a request is passed on beside the token, and no baggage.", (_TRACE, "test_it_is_passed_on_beside_the_token_and_no_baggage_is"), (_TRACE, "test_what_is_no_trace_is_not_passed_on")),
    row("Q-16", "(clocks)", "A clock that is wrong is set by what the issuer's answer says.", (_PROOFS, "test_an_assertion_is_for_the_issuer_alone_short_lived_and_new_each_time"), decided="Assertions bear the time of the machine, which is handed in (`clock`). Whoever answers does not tell us what time it is: they could make us sign an assertion for a moment of their choice. `jwt-middleware doctor` names a clock that is off."),
)  # fmt: skip
