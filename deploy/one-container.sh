#!/bin/bash
# The embedded engine in one container: follows the folder in $1 and serves what is indexed, until either ends.
set -u
folder=${1:?the folder of documents}

passerelle sync "$folder" --watch &
passerelle serve &
trap 'kill -TERM $(jobs -p) 2>/dev/null' INT TERM

wait -n
status=$?
# Either alone is no service: the container ends, and its restart policy starts both.
kill -TERM $(jobs -p) 2>/dev/null
wait
exit "$status"
