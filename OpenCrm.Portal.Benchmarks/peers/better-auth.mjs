// better-auth with two-factor behind node:http, run by better-auth.sh in the folder of its packages: setup | serve
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import http from 'node:http';
import fs from 'node:fs';

const load = async name => import(pathToFileURL(createRequire(process.cwd() + '/').resolve(name)));
const { betterAuth } = await load('better-auth');
const { twoFactor } = await load('better-auth/plugins');
const { toNodeHandler } = await load('better-auth/node');
const { getMigrations } = await load('better-auth/db/migration');
const { symmetricEncrypt } = await load('better-auth/crypto');
const { default: pg } = await load('pg');

const url = `http://127.0.0.1:${process.env.PORT}`, secret = 'measured-secret-measured-secret-0123456789';
const pool = new pg.Pool({ connectionString: process.env.PEER_POSTGRES, max: 20 });
const options = {
  database: pool, secret, baseURL: url, trustedOrigins: [url], emailAndPassword: { enabled: true }, rateLimit: { enabled: false },
  telemetry: { enabled: false }, plugins: [twoFactor()]
};
const auth = betterAuth(options);

async function setUp() {
  await (await getMigrations(options)).runMigrations();
  for (const line of fs.readFileSync('users.tsv', 'utf8').trim().split('\n')) {
    const [name, email, password, key] = line.split('\t');
    const { user } = await auth.api.signUpEmail({ body: { name, email, password } });
    // Its key is the text itself, not what the text stands for in Base32.
    const sealed = await symmetricEncrypt({ key: secret, data: key });
    await pool.query('insert into "twoFactor"(id, secret, "backupCodes", "userId", verified) values($1, $2, $3, $4, true)',
      [user.id + 't', sealed, sealed, user.id]);
    await pool.query('update "user" set "twoFactorEnabled" = true where id = $1', [user.id]);
  }
  await pool.end();
}

function serve() {
  const handle = toNodeHandler(auth);
  http.createServer((request, answer) => {
    if (request.url !== '/login') return handle(request, answer);
    answer.setHeader('content-type', 'text/html');
    answer.end('<!doctype html><title>Sign in</title>');
  }).listen(Number(process.env.PORT), '127.0.0.1');
}

if (process.argv[2] === 'setup') await setUp();
else serve();
