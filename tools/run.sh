#!/bin/sh
# Indexes corpus/, or the folder in $DOCUMENTS, and serves the search page until Ctrl-C.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
documents=${DOCUMENTS:-$root/corpus}
some_files_failed=1 # exit status of `passerelle index`: the rest is indexed and worth serving

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# A folder of one's own gets an index of its own: its name, and a checksum of its path to tell namesakes apart.
name_data_folder() {
    name=$(basename "$1" | tr -c '[:alnum:]._\n-' '_')
    printf '%s/.passerelle/%s-%s' "$root" "$name" "$(printf %s "$1" | cksum | cut -d' ' -f1)"
}

# The commands below end on Ctrl-C by themselves; this shell waits for them and then ends in peace.
interrupted=
trap 'interrupted=yes' INT TERM

[ -e "$documents" ] || fail "There is no $documents. Give a folder of documents: make run DOCUMENTS=/path/to/folder"
if [ -d "$documents" ]; then documents=$(cd "$documents" && pwd -P); fi
if [ -z "${PASSERELLE_DATA:-}" ]; then
    PASSERELLE_DATA=$root/.passerelle
    [ -z "${DOCUMENTS:-}" ] || PASSERELLE_DATA=$(name_data_folder "$documents")
fi
export PASSERELLE_DATA
export HAYSTACK_TELEMETRY_ENABLED=False HF_HUB_OFFLINE=1

status=0
"$root/.venv/bin/passerelle" index "$documents" || status=$?
if [ -n "$interrupted" ]; then
    echo "Stopped. The next \`make run\` goes on from here."
elif [ "$status" -gt "$some_files_failed" ]; then
    exit "$status"
else
    "$root/.venv/bin/passerelle" serve || [ -n "$interrupted" ]
fi
