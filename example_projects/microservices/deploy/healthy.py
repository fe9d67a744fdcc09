"""Ends with 0 if the URL answers 200: python healthy.py https://localhost:8001/ready

SSL_CERT_FILE names whom it trusts.
"""

import ssl
import sys
import urllib.error
import urllib.request


def main(url: str) -> str | None:
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(url, timeout=3) as answer:
            return None if answer.status == 200 else f"{url} answers {answer.status}"
    except (urllib.error.URLError, OSError) as error:
        return f"{url}: {error}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
