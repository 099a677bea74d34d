import { DURATION, type JsonSchema } from './schema-texts.ts'

const FILE: JsonSchema = { type: 'string', minLength: 1 }
const SERVER_NAME: JsonSchema = {
  type: 'string',
  pattern: '^(?:\\*\\.)?[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*$',
  patternErrorMessage: "the name of a server, such as 'api.example.com' or '*.example.com'",
}

/** What a gateway shows to clients. */
export const frontTls: JsonSchema = {
  description: 'TLS with those who ask. The files are read again whenever they change, and new handshakes get the new ones.',
  type: 'object',
  properties: {
    certificates: {
      description: 'The certificates, by the name that is asked for. Who asks for another name, or none, is shown that of BANYAN_TLS_CERT, or else the first.',
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          certificate: { description: 'A PEM file with the certificate, and behind it those between it and its authority.', ...FILE },
          key: { description: 'A PEM file with its private key, without a passphrase.', ...FILE },
          names: {
            description:
              'The names that it is shown for: `api.example.com`, or `*.example.com` for one label in the place of `*`. Those of the certificate unless said.',
            type: 'array',
            minItems: 1,
            items: SERVER_NAME,
          },
        },
        required: ['certificate', 'key'],
        additionalProperties: false,
      },
    },
    minimum: { description: 'The oldest version that is spoken; `TLSv1.2` unless said.', enum: ['TLSv1.2', 'TLSv1.3'] },
    clients: {
      description: 'Asks clients for a certificate. Upstreams are told its subject by `X-Client-Cert-Subject`, percent-encoded. Not in an app.',
      type: 'object',
      properties: {
        ca: { description: 'A PEM file with the authorities that sign the certificates of clients.', ...FILE },
        required: { description: 'Whether those without one are turned away; true unless said. Those with a bad one always are.', type: 'boolean' },
      },
      required: ['ca'],
      additionalProperties: false,
    },
  },
  required: ['certificates'],
  additionalProperties: false,
}

/** How an upstream is spoken to over TLS. */
export const upstreamTls: JsonSchema = {
  description: 'TLS with targets whose address begins with `https://`. The files are read again whenever they change.',
  type: 'object',
  properties: {
    ca: { description: "A PEM file with the authorities that sign the targets' certificates, in the place of the system's.", ...FILE },
    certificate: { description: 'A PEM file with a certificate that the targets are shown; with `key`.', ...FILE },
    key: { description: 'A PEM file with the private key of `certificate`, without a passphrase.', ...FILE },
    serverName: {
      description: "What the targets are asked for, and what their certificates must be for; the host of each target's address unless said.",
      ...SERVER_NAME,
      pattern: '^[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*$',
      patternErrorMessage: "the name of a server, such as 'stock.internal'",
    },
  },
  dependentRequired: { certificate: ['key'], key: ['certificate'] },
  minProperties: 1,
  additionalProperties: false,
}

/** How much an upstream is asked at once. */
export const upstreamBulkhead: JsonSchema = {
  description:
    'The most requests under way to it, so that a slow upstream does not take what others need; a number, or with what may wait. More are answered 503 with Retry-After.',
  type: ['integer', 'object'],
  if: { type: 'integer' },
  then: { minimum: 1 },
  else: {
    properties: {
      limit: { description: 'Requests under way at once, to their last byte; a WebSocket until it is open.', type: 'integer', minimum: 1 },
      queue: { description: 'Requests that may wait for a place; as many as `limit` unless said.', type: 'integer', minimum: 0 },
      wait: { description: 'How long they may wait; 1s unless said.', ...DURATION },
    },
    required: ['limit'],
    additionalProperties: false,
  },
}
