// Reads an otpauth: address with npm's otpauth and url-otpauth: node address.js ADDRESS SECONDS
'use strict';
const { URI } = require('otpauth');
const urlOtpauth = require('url-otpauth');

const [address, seconds] = process.argv.slice(2);

function read(reader) {
  try {
    return reader();
  } catch (refused) {
    return { refused: String(refused.message) };
  }
}

process.stdout.write(JSON.stringify({
  otpauth: read(() => {
    const entry = URI.parse(address);
    return { issuer: entry.issuer, account: entry.label, code: entry.generate({ timestamp: Number(seconds) * 1000 }) };
  }),
  urlOtpauth: read(() => {
    const entry = urlOtpauth.parse(address);
    return { issuer: entry.issuer, account: entry.account, key: entry.key, digits: Number(entry.digits) };
  })
}));
