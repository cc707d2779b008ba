#!/usr/bin/env bash
# pyotp 2.6.0 (Debian 12: python3-pyotp 2.6.0-3) undoes every %XX of an otpauth: address before it takes the address apart.
#
# A good guess: a company "Smith & Sons" is written Smith%20%26%20Sons, as RFC 3986 wants it, and pyotp.parse_uri gives it back, as npm's otpauth 9.5.2 does.
# Seen: the & ends the parameter, so the two issuers differ and the address is refused. A + comes back as a blank and is refused likewise; ? and # take the secret away;
# a %26 that is part of a name is decoded twice. Blanks, umlauts, other scripts, a lone % and a / are read well. No encoding helps: what pyotp would read, the others would not.
#
# Needs Debian 12 (or its package archive) and Python 3. Exit status 1 when pyotp no longer behaves so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq python3-pyotp=2.6.0-3 2> /dev/null
dpkg -x python3-pyotp_*.deb .

PYTHONPATH=$folder/usr/lib/python3/dist-packages /usr/bin/python3 - << 'EOF'
import sys
from urllib.parse import quote

import pyotp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NAMES = {
    "Northwind Instruments": True, "Müller GmbH": True, "100% Müll": True, "A/B": True, "Сеть Восток": True,
    "Smith & Sons": False, "A+B": False, "What?": False, "No. #1": False, "50%26": False,
}

changed = False
print("pyotp 2.6.0-3 from", pyotp.__file__)
for company, expected in NAMES.items():
    issuer = quote(company, safe="")
    address = f"otpauth://totp/{issuer}:ann?secret={SECRET}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    try:
        entry = pyotp.parse_uri(address)
        seen = f"read as {entry.issuer!r}, account {entry.name!r}"
        read = (entry.issuer, entry.name, entry.at(59)) == (company, "ann", "287082")
    except ValueError as refused:
        seen, read = f"refused: {refused}", False
    print(f"{company!r}: {seen}")
    changed |= read != expected
sys.exit("pyotp behaves differently now" if changed else 0)
EOF
