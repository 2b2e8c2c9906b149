#!/bin/sh
# Makes what docker-compose.yml mounts as secrets: an authority of one's own, certificates, and random passwords.
#
#   deploy/certificates.sh [HOST NAME OF THE PAGE]        (default: localhost)
#
# All of it goes into deploy/secrets, which only its owner may enter. The files themselves can be read by anybody: the
# containers run under users of their own, and see these files, not the folder. What is there already is kept: delete a
# file to have it made anew. For the page put a certificate that browsers know in place of proxy.pem and proxy.key.
set -eu
umask 022
host=${1:-localhost}
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets
authority_days=3650
days=825

command -v openssl >/dev/null || { echo "openssl is needed (Debian, Ubuntu: apt install openssl)." >&2; exit 1; }

make_authority() {
    [ -e ca.pem ] && return
    openssl req -x509 -newkey rsa:3072 -nodes -days $authority_days -keyout ca.key -out ca.pem -sha256 \
        -subj "/CN=Passerelle authority" -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
    chmod 600 ca.key
    echo "made ca.pem: the authority; ca.key signs with it and is mounted nowhere"
}

# NAME USAGE SUBJECT-ALTERNATIVE-NAMES
make_certificate() {
    [ -e "$1.pem" ] && return
    openssl req -newkey rsa:3072 -nodes -keyout "$1.rsa" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
    openssl pkcs8 -topk8 -nocrypt -in "$1.rsa" -out "$1.key"
    printf 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=%s\n%s' \
        "$2" "${3:+subjectAltName=$3}" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days $days -sha256 -extfile "$1.ext" \
        -out "$1.pem" 2>/dev/null
    rm -f "$1.rsa" "$1.csr" "$1.ext"
    chmod 644 "$1.key"
    echo "made $1.pem, valid for $days days"
}

make_password() {
    [ -e "$1" ] && return
    openssl rand -base64 24 | tr '+/' '-_' >"$1"
    echo "made $1"
}

make_authority
make_certificate node serverAuth,clientAuth \
    DNS:opensearch-1,DNS:opensearch-2,DNS:opensearch-3,DNS:localhost,IP:127.0.0.1
make_certificate admin clientAuth ""
case $host in
    *[!0-9.]*) make_certificate proxy serverAuth "DNS:$host" ;;
    *) make_certificate proxy serverAuth "IP:$host" ;;
esac
for password in page_password admin_password reader_password writer_password operator_password; do make_password $password; done
