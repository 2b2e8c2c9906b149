#!/bin/sh
# Installs Passerelle from this folder, without a network:   ./install.sh [FOLDER]      (default: /opt/passerelle)
# The same command upgrades: a new environment is made beside the old one, then takes its place. Data is not touched.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd -P)
target=${1:-/opt/passerelle}
needed_mb=2500

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# The wheels are made for one minor version: `cp311` in this folder's name is Python 3.11.
wanted=$(basename "$here" | sed -n 's/.*-cp3\([0-9]*\)-.*/3.\1/p')
[ -n "$wanted" ] || fail "This folder was renamed: it must keep the name of its archive, which says what it is for."
python=${PYTHON:-python$wanted}
command -v "$python" >/dev/null 2>&1 || fail "Python $wanted is needed. Install it, or name it: PYTHON=/path/to/python$wanted ./install.sh"
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "$wanted" ] || fail "$python is Python $found; this bundle is for Python $wanted."
"$python" -c 'import ensurepip, venv' 2>/dev/null || fail "This Python makes no virtual environments (Debian, Ubuntu: apt install python$wanted-venv)."

echo "Checking the files."
(cd "$here" && sha256sum --check --quiet SHA256SUMS) || fail "The bundle is damaged: copy it again."

mkdir -p "$target" || fail "$target cannot be made: run as root, or name another folder."
free_mb=$(df -Pk "$target" | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free_mb" -ge "$needed_mb" ] || fail "About $needed_mb MB are needed in $target; $free_mb MB are free."

# The name of an environment is written into its scripts, so each has its final name from the start; `current` points.
version=$(sed -n 's/^passerelle==\([^ ]*\) .*/\1/p' "$here/requirements.txt")
venv=$target/$version-$(date +%Y%m%d%H%M%S)
trap 'rm -rf "$venv"' EXIT
echo "Installing into $venv (a minute or two)."
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-index --no-deps --require-hashes \
    --find-links "$here/wheels" -r "$here/requirements.txt"
"$venv/bin/python" -m pip check --disable-pip-version-check
"$venv/bin/passerelle" --help >/dev/null
ln -sfn "$venv" "$target/current.new"
mv -T "$target/current.new" "$target/current"
trap - EXIT

printf '%s\n' "Installed: $target/current/bin/passerelle (version $version)." \
    "Environments of before stay in $target until you delete them: point \`current\` back to undo an upgrade." \
    "Next: docs/operations.md."
