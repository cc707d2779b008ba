#!/usr/bin/env bash
# Pictures of every page and state, and their differences pixel by pixel, always at the same made-up moment:
# looks.sh screens               takes docs/screens anew, and lists what differs from the last ones; differences are in /tmp/opencrm-looks-differences
# looks.sh help                  takes the pictures of the help article anew (OpenCrm.Portal/wwwroot/help)
# looks.sh take FOLDER           of the published portal, or of the one in PORTAL_PUBLISHED
# looks.sh compare BEFORE AFTER  with a picture of each difference in AFTER-differences
# LOOKS_DATA keeps the made-up company: /tmp/opencrm-looks-data unless said otherwise.
cd "$(dirname "${BASH_SOURCE[0]}")/.." && exec dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- looks "$@"
