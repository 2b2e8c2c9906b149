"""Give a new OpenSearch cluster its administrator: the user `admin`, with the password that PASSERELLE_SECRETS holds.

A cluster that begins with deploy/opensearch/security knows no user at all. Whoever holds the certificate that
`plugins.security.authcz.admin_dn` names may make one. Run again, it sets the same password again.
"""

import os
import ssl
import sys

import httpx

from search_core.settings import Settings

USER = "admin"
FAILED = 3


def main() -> int:
    settings = Settings()
    trust = ssl.create_default_context(cafile=settings.opensearch_ca)
    trust.load_cert_chain(os.environ["OPENSEARCH_ADMIN_CERTIFICATE"], os.environ["OPENSEARCH_ADMIN_KEY"])
    address = settings.opensearch_hosts.split(",")[0].strip()
    security = f"{address}/_plugins/_security/api"
    with httpx.Client(base_url=security, verify=trust, trust_env=False, timeout=30) as asking:
        for path, content in (
            (f"/internalusers/{USER}", {"password": settings.opensearch_password.get_secret_value()}),
            ("/rolesmapping/all_access", {"users": [USER]}),
        ):
            answer = asking.put(path, json=content)
            if answer.is_error:
                print(f"Error: {address} refuses {path}: {answer.status_code} {answer.text[:500]}", file=sys.stderr)
                return FAILED
    print(f"User {USER} is the administrator.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
