#!/bin/sh
# Downloads and unpacks the packages that sources.toml names: fetch.sh FOLDER. Installs nothing; apt's lists are the folder's own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/downloads" "$1/unpacked"
cd "$1"
folder=$(pwd)
cat > apt.conf <<EOF
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
EOF
export APT_CONFIG="$folder/apt.conf"
apt-get -qq -o Acquire::Languages=fr,zh_CN,zh_TW,en -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=true \
  -o Acquire::IndexTargets::deb::DEP-11::MetaKey='$(COMPONENT)/dep11/Components-$(NATIVE_ARCHITECTURE).yml' update
cd downloads
python3 - "$here/sources.toml" <<'EOF' | while read -r kind package version; do
import sys, tomllib
for source in tomllib.load(open(sys.argv[1], "rb")).values():
    for package in source["packages"]:
        kind, _, name = package.rpartition(":")
        print(kind or "deb", *name.partition("=")[::2] if "=" in name else (name, "-"))
EOF
  target="$folder/unpacked/$(echo "$package" | tr -d @ | tr / -)"
  [ -d "$target" ] && continue
  case $kind in
    deb) apt-get -qq download "$package" && dpkg -x "$package"_*.deb "$target" ;;
    npm) mkdir -p "$target" && tar xzf "$(npm pack --silent "$package@$version")" -C "$target" ;;
    pypi) python3 -m pip download -q --no-deps "$package==$version" && python3 -m zipfile -e "$(echo "$package" | tr - _)"-*.whl "$target" ;;
  esac
done
