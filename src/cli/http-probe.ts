import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Probe } from '../config/discover.ts';

const BODY_BYTES_MAX = 8 * 2 ** 20;

/**
 * The probe that really asks: one GET on a socket of its own, without
 * redirects, so that a key never follows one to another host.
 */
export const httpProbe: Probe = ({ url, headers, signal }) =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(
      url,
      { headers: { accept: 'application/json', ...headers }, agent: false, signal },
      (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > BODY_BYTES_MAX) answer.destroy(new Error(`an answer of more than ${BODY_BYTES_MAX} bytes`));
          else chunks.push(chunk);
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        answer.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end();
  });
