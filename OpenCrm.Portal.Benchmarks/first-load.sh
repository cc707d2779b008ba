#!/usr/bin/env bash
# Cold start to a served sign-in page on both databases, and the bytes of each page's first load in a real Chromium.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- cold-start && dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- first-load
