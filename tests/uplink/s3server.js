// s3server.js ADDRESS PORT PEM FOLDER: npm's s3rver over TLS with one bucket, "records".
import { readFileSync } from 'node:fs';
import S3rver from 's3rver';

const [address, port, pem, directory] = process.argv.slice(2);
const pair = readFileSync(pem);
new S3rver({
  port: Number(port), address, key: pair, cert: pair, directory, silent: false,
  configureBuckets: [{ name: 'records' }], vhostBuckets: false,
}).run();
