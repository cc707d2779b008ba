#!/usr/bin/env bash
# pass-extension-otp 1.2.0 (Debian 12: 1.2.0-7, with pass 1.7.4-6) keeps only the first group of a secret that is typed in groups of four.
#
# A good guess: "GEZD GNBV GY3T QOJQ …", as many portals show a key, is taken like the same key without blanks (oathtool takes both), or is refused.
# Seen: everything from the first blank on is dropped without a word, the issuer too, and a code of the short secret is shown, which fits nowhere. So a copy button had better
# copy no blanks.
#
# Needs Debian 12 (or its package archive), gnupg and oathtool. Exit status 1 when it no longer behaves so.
set -euo pipefail

folder=$(mktemp -d)
export GNUPGHOME=$folder/keys PASSWORD_STORE_DIR=$folder/store PASSWORD_STORE_ENABLE_EXTENSIONS=true
trap 'gpgconf --kill all > /dev/null 2>&1 || true; rm -rf "$folder"' EXIT
mkdir -m 700 "$GNUPGHOME"
cd "$folder"
apt-get download -qq pass=1.7.4-6 pass-extension-otp=1.2.0-7 2> /dev/null
for package in ./*.deb; do dpkg -x "$package" .; done
export PASSWORD_STORE_EXTENSIONS_DIR=$folder/usr/lib/password-store/extensions
pass=$folder/usr/bin/pass

gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-gen-key somebody@example.test default default never 2> /dev/null
bash "$pass" init somebody@example.test > /dev/null
printf 'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ\n' | bash "$pass" otp insert -f -s -i Company -a ann groups > /dev/null
printf 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n' | bash "$pass" otp insert -f -s -i Company -a ann whole > /dev/null

groups=$(bash "$pass" otp uri groups)
whole=$(bash "$pass" otp uri whole)
echo "pass-extension-otp 1.2.0-7"
echo "typed without blanks: $whole"
echo "typed in groups:      $groups"
echo "code of that:         $(bash "$pass" otp groups)"
case $groups in
    *secret=GEZD\&* | *secret=GEZD) ;;
    *) echo "pass-otp behaves differently now"; exit 1 ;;
esac
case $whole in
    *secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ*) ;;
    *) echo "pass-otp behaves differently now"; exit 1 ;;
esac
