#!/usr/bin/env bash
# Kestrel (ASP.NET Core 10.0): MaxRequestBodySize counts the frames of a chunked body too.
# A good guess: a limit of 1,024 bytes takes 1,024 bytes of body, however they are framed.
# Seen: with Content-Length 1,024 bytes pass; the same 1,024 bytes in one chunk answer 413, and 1,012 in one chunk are the most that pass:
# "3f4" CR LF before them, CR LF "0" CR LF CR LF after them count as body.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
cd "$work"
cat > limit.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
</Project>
XML
cat > Program.cs <<'CS'
var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 1024);
var app = builder.Build();
app.MapPost("/", async (HttpRequest request) =>
{
    using var body = new MemoryStream();
    try { await request.Body.CopyToAsync(body); }
    catch (BadHttpRequestException refused) { return Results.Text($"refused {refused.StatusCode}"); }
    return Results.Text($"taken {body.Length}");
});
await app.StartAsync();
Console.WriteLine($"{Environment.Version} {app.Urls.First()}");
await app.WaitForShutdownAsync();
CS
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
dotnet build -c Release -v quiet -nodeReuse:false > build.log 2>&1 || { cat build.log; exit 2; }
dotnet bin/Release/net10.0/limit.dll > out.txt & server=$!
for _ in $(seq 300); do [ -s out.txt ] && break; sleep 0.1; done
read -r version url < out.txt
echo "ASP.NET Core on .NET $version"
post() { head -c "$1" /dev/zero | tr '\0' a > body; shift; curl -s -X POST --data-binary @body -H 'Content-Type: text/plain' "$@" "$url"; }
check() { echo "$1: $2"; [ "$2" = "$3" ] || { echo "changed: expected '$3'"; exit 1; }; }
check "1024 bytes, Content-Length" "$(post 1024)" "taken 1024"
check "1024 bytes, chunked" "$(post 1024 -H 'Transfer-Encoding: chunked')" "refused 413"
check "1012 bytes, chunked" "$(post 1012 -H 'Transfer-Encoding: chunked')" "taken 1012"
check "1013 bytes, chunked" "$(post 1013 -H 'Transfer-Encoding: chunked')" "refused 413"
