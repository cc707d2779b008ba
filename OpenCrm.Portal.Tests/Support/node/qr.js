// Reads a QR code from a PNG with npm's jsqr: node qr.js FILE. Prints nothing when it finds none.
'use strict';
const fs = require('fs');
const { PNG } = require('pngjs');
const jsqr = require('jsqr');

const picture = PNG.sync.read(fs.readFileSync(process.argv[2]));
const found = jsqr(new Uint8ClampedArray(picture.data), picture.width, picture.height);
if (found) process.stdout.write(found.data);
