#!/usr/bin/env bash
# Pages, sorts, filters, searches and the CSV download of the user list, with the plans of what the portal really asks:
# user-list.sh [USERS] [Postgres|Sqlite]. USERS is 1000000 unless said otherwise.
# BENCHMARK_FOLDER keeps the portal's data folder, BENCHMARK_POSTGRES is a connection string to a database of your own; with both a second run finds the users of the first.
# A third argument is a part of the names of the scenarios to measure.
cd "$(dirname "${BASH_SOURCE[0]}")/.." && exec dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- user-list --users "${1:-1000000}" --database "${2:-Postgres}" ${3:+--only "$3"}
