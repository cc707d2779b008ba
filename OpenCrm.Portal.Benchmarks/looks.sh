#!/usr/bin/env bash
# Pictures of every page and state, and their differences pixel by pixel:
# looks.sh take FOLDER           of the published portal, or of the one in PORTAL_PUBLISHED
# looks.sh compare BEFORE AFTER  with a picture of each difference in AFTER-differences
# LOOKS_DATA keeps the users that both are taken with: /tmp/opencrm-looks-data unless said otherwise.
cd "$(dirname "${BASH_SOURCE[0]}")/.." && exec dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- looks "$@"
