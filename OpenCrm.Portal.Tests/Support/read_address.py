"""Reads an otpauth: address with pyotp: read_address.py ADDRESS SECONDS"""
import json
import sys

import pyotp

address, seconds = sys.argv[1:]
entry = pyotp.parse_uri(address)
print(json.dumps({"issuer": entry.issuer, "account": entry.name, "code": entry.at(int(seconds))}))
