#!/usr/bin/env bash
# Installs a bundle in an empty folder with the network off, then indexes, searches and serves there.
#
#   tools/rehearse_bundle.sh [ARCHIVE]      (default: the newest of dist/)
#
# Linux only: `unshare` gives the whole rehearsal a network of its own, with nothing in it but loopback.
set -euo pipefail
cd "$(dirname "$0")/.."

archive=${1:-$(ls -t dist/passerelle-*.tar 2>/dev/null | head -1)}
[ -n "$archive" ] || { echo "There is no bundle in dist/: make bundle" >&2; exit 1; }

if [ -z "${REHEARSING:-}" ]; then
    exec unshare --map-root-user --net env -i REHEARSING=yes PATH="$PATH" PYTHON="${PYTHON:-}" "$0" "$archive"
fi

ip link set lo up
work=$(mktemp -d)
trap '[ -z "${server:-}" ] || kill "$server"; rm -rf "$work"' EXIT
export HOME=$work/home PASSERELLE_DATA=$work/data
step() { printf '== %4d s  %s\n' "$SECONDS" "$*"; }

step "no network: $(timeout 5 bash -c 'exec 3<>/dev/tcp/192.0.2.1/443' 2>&1 | tail -1 || true)"
(cd "$(dirname "$archive")" && sha256sum --check --quiet "$(basename "$archive").sha256")
step "unpacking $archive"
tar -xf "$archive" -C "$work"
bundle=$(echo "$work"/passerelle-*)
"$bundle/install.sh" "$work/opt"
step "installed: $(du -sm "$work/opt" | cut -f1) MB"

passerelle=$work/opt/current/bin/passerelle
"$passerelle" index "$bundle/corpus/fr" "$bundle/corpus/zh" --json >"$work/report.json"
step "indexed the sample documents, model unpacked: $("$passerelle" status | head -1)"
for question in "réseau électrique intelligent" "智能电网"; do
    for lang in fr zh; do
        hits=$("$passerelle" search "$question" --lang "$lang" --json |
            "$work/opt/current/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["total"])')
        [ "$hits" -gt 0 ] || { echo "$question finds nothing in $lang" >&2; exit 1; }
        step "$question: $hits documents in $lang"
    done
done

"$passerelle" serve --port 8000 2>"$work/serve.log" &
server=$!
for _ in $(seq 120); do
    if health=$(curl --fail --silent http://127.0.0.1:8000/api/v1/health); then break; fi
    kill -0 "$server" || { cat "$work/serve.log" >&2; exit 1; }
    sleep 1
done
step "served: $health"

"$bundle/install.sh" "$work/opt" >/dev/null
[ "$(find "$work/opt" -maxdepth 1 -name '[0-9]*' | wc -l)" -eq 2 ]
step "upgraded beside the first one; both are kept"
echo "x" >>"$bundle/docs/search.md"
if "$bundle/install.sh" "$work/elsewhere" 2>"$work/refusal"; then echo "a damaged bundle was installed" >&2; exit 1; fi
step "a damaged bundle: $(tail -1 "$work/refusal")"
