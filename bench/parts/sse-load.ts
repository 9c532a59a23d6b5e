import { connect } from 'node:net';

/**
 * Opens streams and counts the frames that arrive while it measures. Arguments:
 * port, streams, measured ms, bearer, model. Prints one JSON object; asks its
 * parent by `process.send` when to read the CPU clocks.
 */
const [port = '0', count = '100', measuredMs = '4000', bearer = '', model = ''] = process.argv.slice(2);
const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'hello stream' }] });
const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer ${bearer}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const NEEDLE = Buffer.from('some words');

let frames = 0;
let refused = 0;
let measuring = false;
let done = 0;

function open(): void {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  let first = true;
  let ended = false;
  socket.on('connect', () => socket.write(request));
  socket.on('error', () => refused++);
  socket.on('data', (data: Buffer) => {
    if (first && !data.toString('latin1', 0, 12).startsWith('HTTP/1.1 200')) refused++;
    first = false;
    if (measuring) frames += occurrences(data);
    if (!ended && data.includes('[DONE]')) {
      ended = true;
      done++;
      socket.write(request);
      first = true;
      ended = false;
    }
  });
}

function occurrences(data: Buffer): number {
  let found = 0;
  for (let at = data.indexOf(NEEDLE); at >= 0; at = data.indexOf(NEEDLE, at + NEEDLE.length)) found++;
  return found;
}

for (let index = 0; index < Number(count); index++) setTimeout(open, index * 2);
setTimeout(
  () => {
    measuring = true;
    process.send?.('begin');
    setTimeout(() => {
      measuring = false;
      process.send?.({ frames, refused, done });
      process.exit(0);
    }, Number(measuredMs));
  },
  Number(count) * 2 + 1_500,
);
