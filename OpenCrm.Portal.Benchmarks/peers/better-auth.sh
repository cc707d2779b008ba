#!/usr/bin/env bash
# better-auth (npm) with its two-factor plugin on PostgreSQL: better-auth.sh setup|start
# PEER_HOME holds users.tsv (name, mail, password, secret), PORT is where it listens, PEER_POSTGRES is postgres://… of an empty database.
# "start" becomes the server.
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/better-auth.mjs
cd "$PEER_HOME"

case "${1:-}" in
    setup)
        npm init -y > /dev/null
        npm install --ignore-scripts --no-audit --no-fund better-auth@1.7.25 pg
        node "$script" setup
        ;;
    start) NODE_ENV=production exec node "$script" serve ;;
esac
