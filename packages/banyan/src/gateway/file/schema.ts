import type { PolicyKind } from '../policy-kind.ts'
import { DURATION, NAME, REDIS_URL, URL_TEXT, type JsonSchema } from './schema-texts.ts'
import { frontTls, upstreamBulkhead, upstreamTls } from './schema-tls.ts'

/** Where editors that have none of their own may find out what the schema is. */
const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** The JSON Schema (2020-12) of a gateway file that may name these kinds of policies. */
export function gatewaySchema(kinds: readonly PolicyKind[]): JsonSchema {
  return {
    $schema: DIALECT,
    title: 'Banyan gateway',
    description: 'What a gateway serves: upstreams, and the routes to them.',
    type: 'object',
    properties: {
      upstreams: {
        description: 'Servers that requests are sent to, by name.',
        type: 'object',
        propertyNames: NAME,
        additionalProperties: { $ref: '#/$defs/upstream' },
      },
      routes: {
        description: 'Which requests go where. The most specific route is taken; where two are equally so, the one that stands first.',
        type: 'array',
        minItems: 1,
        items: { $ref: '#/$defs/route' },
      },
      tls: frontTls,
      policies: { description: 'Policies of all routes, before those of each.', $ref: '#/$defs/policies' },
      pipelines: {
        description: 'Lists of policies under a name, which stands for them wherever a policy is named.',
        type: 'object',
        propertyNames: NAME,
        additionalProperties: { $ref: '#/$defs/policies' },
      },
      redis: {
        description:
          'What gateways share that name the same: they count limits together, and what one of them purges from its cache the others do too. Its address, or that with settings; 6.2 or later, or Valkey.',
        $ref: '#/$defs/redis',
      },
    },
    required: ['routes'],
    additionalProperties: false,
    $defs: {
      redis,
      upstream,
      upstreamSettings,
      target,
      targetSettings,
      route,
      policies: {
        description: 'In the order in which requests pass them; answers pass them in the opposite order.',
        type: 'array',
        items: { $ref: '#/$defs/policy' },
      },
      policy: policySchema(kinds),
      ...Object.fromEntries(kinds.map(({ name, schema }) => [definition(name), schema])),
    },
  }
}

/** The name under which the settings of a kind of policy are defined. */
function definition(kind: string): string {
  return `policy-${kind}`
}

function policySchema(kinds: readonly PolicyKind[]): JsonSchema {
  return {
    description: 'The name of a policy or of a pipeline, or a policy with its settings.',
    type: ['string', 'object'],
    if: { type: 'string' },
    then: { examples: kinds.map(({ name }) => name) },
    else: {
      properties: Object.fromEntries(kinds.map(({ name }) => [name, { $ref: `#/$defs/${definition(name)}` }])),
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
    },
  }
}

const url: JsonSchema = { description: 'An address such as `http://10.0.0.7:8080`; a path in it is put before that of requests.', ...URL_TEXT }

const redis: JsonSchema = {
  type: ['string', 'object'],
  if: { type: 'string' },
  then: REDIS_URL,
  else: {
    properties: {
      url: { description: 'Where it is: `redis://user:password@host:6379/0`, or `rediss://` for TLS.', ...REDIS_URL },
      prefix: {
        description: 'What its keys begin with: `gateway:`, unless said. Gateways that are to share nothing say different ones.',
        type: 'string',
        pattern: '^[A-Za-z0-9._:{}-]{1,64}$',
        patternErrorMessage: 'up to 64 letters, digits, dots, dashes and colons',
      },
    },
    required: ['url'],
    additionalProperties: false,
  },
}

const target: JsonSchema = {
  description: 'One server of an upstream.',
  type: ['string', 'object'],
  if: { type: 'string' },
  then: url,
  else: { $ref: '#/$defs/targetSettings' },
}

const targetSettings: JsonSchema = {
  type: 'object',
  properties: {
    url,
    weight: { description: 'Its share, beside those of the others; 1 unless said.', type: 'number', exclusiveMinimum: 0, maximum: 1_000 },
  },
  required: ['url'],
  additionalProperties: false,
}

const targets: JsonSchema = { description: 'Servers that answer alike.', type: 'array', minItems: 1, items: { $ref: '#/$defs/target' } }

const upstream: JsonSchema = {
  description: 'An address, a list of addresses, or both with settings.',
  type: ['string', 'array', 'object'],
  if: { type: 'string' },
  then: url,
  else: { if: { type: 'array' }, then: targets, else: { $ref: '#/$defs/upstreamSettings' } },
}

const upstreamSettings: JsonSchema = {
  type: 'object',
  properties: {
    targets,
    balance: {
      description:
        'How requests are spread. `peak-ewma`, which is the default: to the one of two that promises to answer first. `weighted`: by weight. `round-robin`: in turn. `least-connections`: to the one with the fewest requests under way. `consistent-hash`: those of one address to the same one.',
      enum: ['peak-ewma', 'weighted', 'round-robin', 'least-connections', 'consistent-hash'],
    },
    health: {
      description:
        'What each target is asked, to know whether it is well: a path, or a path with an interval. Unless said, targets are judged by their answers alone.',
      type: ['string', 'object'],
      if: { type: 'string' },
      then: { $ref: '#/$defs/upstreamSettings/$defs/healthPath' },
      else: {
        properties: {
          path: { $ref: '#/$defs/upstreamSettings/$defs/healthPath' },
          interval: { description: 'How often; 5s unless said.', ...DURATION },
        },
        required: ['path'],
        additionalProperties: false,
      },
    },
    timeout: { description: 'How long the first byte of an answer may take; 30s unless said.', ...DURATION },
    attempts: {
      description: 'Attempts at one request, the first included; 3 unless said. Only requests that may be repeated safely are.',
      type: 'integer',
      minimum: 1,
      maximum: 10,
    },
    openapi: {
      description:
        'A file beside this one with the OpenAPI document of these servers (3.0 or 3.1, YAML or JSON): its operations are listed in `/openapi.json` under the paths of the routes that lead to them.',
      type: 'string',
      minLength: 1,
    },
    host: {
      description: 'The Host that the upstream is told: its own (`target`, the default), or the one that the client asked for (`keep`).',
      enum: ['target', 'keep'],
    },
    tls: upstreamTls,
    bulkhead: upstreamBulkhead,
  },
  required: ['targets'],
  additionalProperties: false,
  $defs: {
    healthPath: {
      description: 'Asked of the origin of the target; 2xx is well.',
      type: 'string',
      pattern: '^/',
      patternErrorMessage: "a path that begins with '/'",
    },
  },
}

const route: JsonSchema = {
  description: 'Requests that are alike, and where they go. All that is said of them must hold.',
  type: 'object',
  properties: {
    name: { description: 'For metrics, the access log and messages; made of what it matches unless said.', ...NAME },
    path: {
      description: '`/articles/:id` for one segment by name, `/files/*` for anything below; `/*`, which is everything, unless said.',
      type: 'string',
      pattern: '^/[^?#*\\s]*\\*?$',
      patternErrorMessage: "a path that begins with '/' and has no '*' but at its end, such as '/articles/:id' or '/files/*'",
    },
    host: { description: '`api.example.com`, `*.example.com`, or a list of such.', $ref: '#/$defs/route/$defs/hosts' },
    method: { description: '`GET`, or a list; any unless said.', $ref: '#/$defs/route/$defs/methods' },
    headers: { description: 'Headers that must have these values.', $ref: '#/$defs/route/$defs/values' },
    query: { description: 'Query parameters that must have these values.', $ref: '#/$defs/route/$defs/values' },
    to: { description: 'The upstream. Not needed where a policy of the route answers itself.', type: 'string' },
    policies: { $ref: '#/$defs/policies' },
  },
  additionalProperties: false,
  $defs: {
    hosts: {
      type: ['string', 'array'],
      if: { type: 'string' },
      then: { $ref: '#/$defs/route/$defs/host' },
      else: { items: { $ref: '#/$defs/route/$defs/host' }, minItems: 1 },
    },
    host: {
      type: 'string',
      pattern: '^(?:\\*\\.)?[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*$',
      patternErrorMessage: "a host without its port, such as 'api.example.com' or '*.example.com'",
    },
    methods: {
      type: ['string', 'array'],
      if: { type: 'string' },
      then: { $ref: '#/$defs/route/$defs/method' },
      else: { items: { $ref: '#/$defs/route/$defs/method' }, minItems: 1 },
    },
    method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
    values: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
  },
}
