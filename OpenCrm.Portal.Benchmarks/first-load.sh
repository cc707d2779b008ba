#!/usr/bin/env bash
# Cold start to a served sign-in page on both databases, and the bytes of its first load in a real Chromium.
cd "$(dirname "${BASH_SOURCE[0]}")/.." && exec dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- first-load
