#!/usr/bin/env bash
# MimeKit/MailKit 4.18.2: an address whose domain was put into its ASCII spelling on purpose (ann@xn--bcher-kva.test).
# A good guess: MailboxAddress.Address keeps it, and a message to it needs nothing of the server.
# Seen: Address gives ann@bücher.test back, IsInternational is true, and towards a server that offers SMTPUTF8 MailKit asks for it
# and sends the domain in UTF-8. A server behind that one which lacks SMTPUTF8 bounces the mail (5.6.7).
# Remedy: client.Capabilities &= ~SmtpCapabilities.UTF8 for messages whose local parts are ASCII; then the domain goes as xn--….
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

var address = new MailboxAddress("", "ann@xn--bcher-kva.test");
Console.WriteLine($"Address ASCII: {Ascii.IsValid(address.Address)}, IsInternational: {address.IsInternational}");
foreach (var without in new[] { false, true })
{
    var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    string from = "", to = "";
    var server = Task.Run(() =>
    {
        using var stream = listener.AcceptTcpClient().GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        void Say(string line) => stream.Write(Encoding.ASCII.GetBytes(line + "\r\n"));
        Say("220 test");
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("EHLO")) Say("250-test\r\n250-8BITMIME\r\n250 SMTPUTF8");
            else if (line == "DATA") { Say("354 go on"); while (reader.ReadLine() != ".") { } Say("250 kept"); }
            else if (line == "QUIT") { Say("221 bye"); return; }
            else { if (line.StartsWith("MAIL")) from = line; if (line.StartsWith("RCPT")) to = line; Say("250 fine"); }
        }
    });
    var message = new MimeMessage { Subject = "x", Body = new TextPart("plain") { Text = "x" } };
    message.From.Add(new MailboxAddress("", "portal@example.test"));
    message.To.Add(address);
    using var client = new SmtpClient();
    await client.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, SecureSocketOptions.None);
    if (without) client.Capabilities &= ~SmtpCapabilities.UTF8;
    await client.SendAsync(message);
    await client.DisconnectAsync(true);
    await server;
    Console.WriteLine($"UTF8 put away: {without}; asked for: {from.Contains("SMTPUTF8")}; RCPT in ASCII: {Ascii.IsValid(to)}");
}
X
output=$(dotnet run -c Release 2>&1)
echo "$output"
grep -q 'Address ASCII: False, IsInternational: True' <<< "$output"
grep -q 'UTF8 put away: False; asked for: True; RCPT in ASCII: False' <<< "$output"
grep -q 'UTF8 put away: True; asked for: False; RCPT in ASCII: True' <<< "$output"
