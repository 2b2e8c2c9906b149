#!/bin/sh
# Makes the administrator of a new cluster, then our roles and users. Passwords are files in $PASSERELLE_SECRETS.
set -eu
here=$(dirname "$0")
password_of() { cat "$PASSERELLE_SECRETS/$1_password"; }

python "$here/make_administrator.py"
READER_PASSWORD=$(password_of reader) WRITER_PASSWORD=$(password_of writer) OPERATOR_PASSWORD=$(password_of operator)
export READER_PASSWORD WRITER_PASSWORD OPERATOR_PASSWORD
exec python "$here/setup_roles.py"
