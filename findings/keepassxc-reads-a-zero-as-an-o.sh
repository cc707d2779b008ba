#!/usr/bin/env bash
# KeePassXC 2.7.4 (Debian 12: keepassxc 2.7.4+dfsg.1-2) takes digits that Base32 does not have for letters that look alike.
#
# A good guess: a secret with a 0, 1 or 8 is no Base32 (RFC 4648 6 has 2 to 7) and is refused; oathtool refuses it.
# Seen: 0 reads as O, 1 as L and 8 as B, without a word, and the code is that of the letters. A key copied by hand with such a slip works here, and in a stricter app it does not.
#
# Needs Debian 12 (or its package archive), the libraries that keepassxc depends on, and oathtool. Exit status 1 when it no longer behaves so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq keepassxc=2.7.4+dfsg.1-2 2> /dev/null
dpkg -x keepassxc_*.deb .
cli=$folder/usr/bin/keepassxc-cli
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8

entry() {
    printf '<Entry><UUID>%s</UUID><String><Key>Title</Key><Value>%s</Value></String><String><Key>otp</Key><Value>otpauth://totp/A:b?secret=%s&amp;issuer=A&amp;period=30&amp;digits=6</Value></String></Entry>' \
        "$(printf 'AAAAAAAAAAAAAAA%s' "$1" | base64)" "$2" "$3"
}
{
    printf '<?xml version="1.0" encoding="utf-8"?><KeePassFile><Meta/><Root><Group><UUID>AAAAAAAAAAAAAAAAAAAAAA==</UUID><Name>Root</Name>'
    entry 1 letters OLBDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
    entry 2 digits 018DGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
    printf '</Group></Root></KeePassFile>'
} > entries.xml
printf 'pass\npass\n' | "$cli" import -p -q entries.xml entries.kdbx > /dev/null 2>&1
code() { printf 'pass\n' | "$cli" show -q -t entries.kdbx "$1"; }

# Both within one time step.
while [ $(($(date +%s) % 30)) -gt 20 ]; do sleep 1; done
letters=$(code letters)
digits=$(code digits)
right=$(oathtool --totp -b OLBDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ)
echo "keepassxc 2.7.4+dfsg.1-2"
echo "OLBDGNBV…: KeePassXC $letters, oathtool $right"
echo "018DGNBV…: KeePassXC $digits, oathtool $(oathtool --totp -b 018DGNBVGY3TQOJQGEZDGNBVGY3TQOJQ 2>&1 || true)"
[ "$letters" = "$right" ] && [ "$digits" = "$right" ] || { echo "KeePassXC behaves differently now"; exit 1; }
