#!/usr/bin/env bash
# MailKit 4.18.2: an address with a letter like ü before the @, towards a server that does not offer SMTPUTF8.
# A good guess: SendAsync throws, as it does with FormatOptions.International (NotSupportedException), and nothing goes over the wire.
# Seen: no exception; the raw UTF-8 bytes stand in RCPT TO. Servers answer 501, or 250 and bounce later.
# Remedy: look at client.Capabilities.HasFlag(SmtpCapabilities.UTF8) before sending.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="MailKit" Version="4.18.2" /></ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using System.Net;
using System.Net.Sockets;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

var listener = new TcpListener(IPAddress.Loopback, 0);
listener.Start();
var recipient = Array.Empty<byte>();
var server = Task.Run(() =>
{
    using var stream = listener.AcceptTcpClient().GetStream();
    void Say(string line) => stream.Write(Encoding.ASCII.GetBytes(line + "\r\n"));
    Say("220 test");
    var line = new List<byte>();
    var inData = false;
    for (int next; (next = stream.ReadByte()) >= 0;)
    {
        line.Add((byte)next);
        if (next != '\n') continue;
        var text = Encoding.Latin1.GetString(line.ToArray()).TrimEnd();
        if (text.StartsWith("RCPT")) recipient = line.ToArray();
        line.Clear();
        if (inData) { if (text == ".") { inData = false; Say("250 kept"); } continue; }
        if (text.StartsWith("EHLO")) Say("250-test\r\n250 8BITMIME");
        else if (text == "DATA") { inData = true; Say("354 go on"); }
        else if (text == "QUIT") { Say("221 bye"); return; }
        else Say("250 fine");
    }
});
var message = new MimeMessage { Subject = "x", Body = new TextPart("plain") { Text = "x" } };
message.From.Add(new MailboxAddress("", "portal@example.test"));
message.To.Add(new MailboxAddress("", "ünal@example.test"));
using var client = new SmtpClient();
await client.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, SecureSocketOptions.None);
Console.WriteLine($"offers SMTPUTF8: {client.Capabilities.HasFlag(SmtpCapabilities.UTF8)}");
try { await client.SendAsync(message); Console.WriteLine("sent without an exception"); }
catch (Exception refused) { Console.WriteLine($"refused: {refused.GetType().Name}"); }
await client.DisconnectAsync(true);
await server;
Console.WriteLine($"RCPT: {Convert.ToHexString(recipient)}");
X
output=$(dotnet run -c Release 2>&1)
echo "$output"
grep -q 'offers SMTPUTF8: False' <<< "$output"
grep -q 'sent without an exception' <<< "$output"
# RCPT TO:<ünal with ü as C3 BC
grep -q 'RCPT: 5243505420544F3A3CC3BC6E616C' <<< "$output"
