"""Exit status 0 when the service on this machine says that searching works, wholly or in part; for health checks."""

import os
import sys
import urllib.error
import urllib.request

ADDRESS = f"http://127.0.0.1:{os.environ.get('PASSERELLE_PORT', '8000')}/api/v1/health"
TIMEOUT_S = 8


def main() -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(ADDRESS, timeout=TIMEOUT_S) as answer:
            print(answer.read().decode())
            return 0
    except (OSError, ValueError) as error:
        print(f"{ADDRESS}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
