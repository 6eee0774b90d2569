#!/bin/sh
# The first process of a machine that is a container: writes what SPOQ_CONFIG holds to conductor.json, then init.sh with
# the same words. Without it the configuration of the last start stays.
set -eu
[ $# -eq 4 ] || { echo 'Usage: container.sh CONDUCTOR TOOLS GROUP FOLDER' >&2; exit 2; }

# What it is root for ends before anything is written: the folder is another user's.
[ -z "${SPOQ_CONFIG:-}" ] || setpriv --reuid="$1" --regid="$3" --clear-groups --inh-caps=-all --no-new-privs sh -c '
  umask 077
  printf "%s\n" "$SPOQ_CONFIG" > "$1/conductor.json.new" && mv "$1/conductor.json.new" "$1/conductor.json"
' sh "$4"
unset SPOQ_CONFIG
exec "$(dirname "$0")/init.sh" "$@"
