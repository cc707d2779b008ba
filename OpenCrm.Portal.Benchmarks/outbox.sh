#!/usr/bin/env bash
# How fast a full outbox is sent to Postfix, by this version and by an earlier one: outbox.sh [MAILS] [Postgres|Sqlite] [ROUNDS]. MAILS is 5000 a
# run and ROUNDS 3 unless said otherwise. Needs root, as Postfix does.
# BENCHMARK_EARLIER is the earlier version in the history (05ac81f), or the folder of a published one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
earlier="${BENCHMARK_EARLIER:-05ac81f}"
if [ ! -d "$earlier" ]; then
    source="$(mktemp -d)"
    trap 'rm -rf "$source"' EXIT
    git archive "$earlier" | tar -x -C "$source"
    dotnet publish "$source/OpenCrm.Portal" -c Release -nodeReuse:false -o "$source/published" -v quiet
    earlier="$source/published"
fi
dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- outbox "${1:-5000}" "${2:-Postgres}" "$earlier" "${3:-3}"
