import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key as PEM, made for this run: nothing secret lies in the repository. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly cert: string;
  /** A server certificate for an IPv4 address or a host name; `validFrom` and `validTo` are milliseconds since the epoch. */
  issue(facts: { readonly host: string; readonly validFrom?: number; readonly validTo?: number }): Certificate;
}

const DAY_MS = 86_400_000;
const TAG = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x17 } as const;
const ECDSA_WITH_SHA256 = sequence(element(TAG.oid, Buffer.from('2a8648ce3d040302', 'hex')));
const COMMON_NAME = '550403';
const BASIC_CONSTRAINTS = '551d13';
const SUBJECT_ALT_NAME = '551d11';

/** A certificate authority that exists only in this process. */
export function makeAuthority(nowMs: number): Authority {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isCa = extension(BASIC_CONSTRAINTS, sequence(element(TAG.boolean, Buffer.from([0xff]))));
  const usual = { from: nowMs - DAY_MS, to: nowMs + DAY_MS };
  const cert = certificate({ subject: 'faults authority', ...usual, extension: isCa }, ca.publicKey, ca.privateKey);
  return {
    cert: pem(cert),
    issue({ host, validFrom = usual.from, validTo = usual.to }) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const named = { subject: host, from: validFrom, to: validTo, extension: altName(host) };
      return {
        cert: pem(certificate(named, pair.publicKey, ca.privateKey)),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

interface CertificateFacts {
  readonly subject: string;
  readonly from: number;
  readonly to: number;
  readonly extension: Buffer;
}

/** @see RFC 5280, section 4.1 */
function certificate(facts: CertificateFacts, publicKey: KeyObject, issuerKey: KeyObject): Buffer {
  const serial = randomBytes(8);
  serial[0] = 0x01;
  const body = sequence(
    element(0xa0, element(TAG.integer, Buffer.from([2]))),
    element(TAG.integer, serial),
    ECDSA_WITH_SHA256,
    distinguishedName('faults authority'),
    sequence(time(facts.from), time(facts.to)),
    distinguishedName(facts.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(facts.extension)),
  );
  return sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, issuerKey)));
}

function distinguishedName(commonName: string): Buffer {
  const name = sequence(element(TAG.oid, Buffer.from(COMMON_NAME, 'hex')), element(TAG.utf8, Buffer.from(commonName)));
  return sequence(element(0x31, name));
}

function altName(host: string): Buffer {
  const address = /^\d+\.\d+\.\d+\.\d+$/.test(host)
    ? element(0x87, Buffer.from(host.split('.').map(Number)))
    : element(0x82, Buffer.from(host));
  return extension(SUBJECT_ALT_NAME, sequence(address));
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(element(TAG.oid, Buffer.from(oid, 'hex')), element(TAG.octets, value));
}

function time(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return element(TAG.time, Buffer.from(`${text}Z`));
}

function bits(bytes: Buffer): Buffer {
  return element(TAG.bits, Buffer.concat([Buffer.from([0]), bytes]));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

/** Tag, length, value (DER). */
function element(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
