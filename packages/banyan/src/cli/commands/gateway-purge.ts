import { resolve } from 'node:path'
import { readGatewayFile } from '../../gateway/file/read.ts'
import type { Purge } from '../../gateway/http-cache/answer-store.ts'
import { tellPurge } from '../../gateway/http-cache/purges.ts'
import { policyKinds } from '../../gateway/policy-kinds.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { createLog } from '../../observe/log.ts'
import { openRedis } from '../../store/redis.ts'
import { misuse, type Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'

/** Addresses at once. */
const MOST = 1_000

export const gatewayPurge: Command = {
  usage: '<file> [address...]',
  purpose:
    'Has all gateways that share the Redis of a gateway file forget cached answers, by their addresses as clients ask for them,\nor by the tags that they bear (Cache-Tag, Surrogate-Key). Within a second none serves what it had before.',
  options: {
    tag: { type: 'text', value: 'TAGS', help: 'answers with one of these tags: sale,article-7' },
    all: { type: 'flag', help: 'everything' },
  },
  positionals: [1, MOST + 1],
  examples: [
    { line: 'banyan gateway purge gateway.yaml --tag sale', does: 'what bears the tag sale' },
    { line: 'banyan gateway purge gateway.yaml https://shop.example.com/articles?page=2', does: 'one resource' },
  ],
  async run(args, io) {
    const purge = purgeOf(args)
    const [given] = args.positionals
    const { redis } = await readGatewayFile(resolve(io.cwd, given!), { kinds: policyKinds, env: io.env })
    if (!redis)
      throw new BanyanError(
        'invalid_configuration',
        `${given} names no Redis, by which its gateways could hear of a purge; write redis: \${REDIS_URL} at its top`,
      )
    const log = createLog({ level: args.flag('verbose') ? 'debug' : 'error', destination: io.err })
    await using connection = await openRedis({ ...redis, log })
    await tellPurge(connection, purge, log)
  },
}

function purgeOf(args: Arguments): Purge {
  const [, ...addresses] = args.positionals
  const tags = args.words('tag') ?? []
  const all = args.flag('all')
  const some = tags.length > 0 || addresses.length > 0
  if (!all && !some) throw misuse('nothing is said to be purged; name addresses, --tag or --all')
  if (all && some) throw misuse('--all is everything, whatever else is named; leave out --all, or --tag and the addresses')
  return { all, tags, urls: addresses.map(resourceOf) }
}

/** As gateways call a resource: without the scheme, since they may stand behind what ends TLS. */
function resourceOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw misuse(`'${address}' is no address; write https://shop.example.com/articles?page=2`)
  return `${url.host}${url.pathname}${url.search}`
}
