import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatewayConfig } from '../../src/gateway/file/read.ts'
import { policyKinds } from '../../src/gateway/policy-kinds.ts'
import { gatewayFolder } from '../gateway/tls-files.ts'
import { authority, hasOpenssl, type Authority } from '../http/certificates.ts'
import { blocksOf, pages } from './pages.ts'

const kinds: ReadonlySet<string> = new Set(policyKinds.map(({ name }) => name))
const env = {
  PARTNER_KEY_HASH: `sha256:${'0'.repeat(64)}`,
  ADMIN_PASSWORD: '$scrypt$ln=14,r=8,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI',
}
const all = pages()
const blocks = all.flatMap(blocksOf).filter(({ language }) => language === 'yaml')
/** Policies that tables of pages show in code, such as `limit: 100/m`. */
const inTables = all.flatMap(({ path, text }) =>
  [...text.matchAll(/^\| .*\|$/gm)]
    .flatMap(([row]) =>
      [
        ...row
          .split(' | ')
          .at(-1)!
          .matchAll(/`([^`]+)`/g),
      ].map(([, code]) => code!),
    )
    .filter((code) => kinds.has(/^([a-z-]+): /.exec(code)?.[1] ?? ''))
    .map((code) => [`${path}: ${code}`, `- ${code}`] as const),
)

describe('gateway files on pages', () => {
  const folder = gatewayFolder()
  let home: Authority | undefined
  beforeAll(() => {
    if (!hasOpenssl) return
    home = authority('home')
    folder.pair('shop', home.unit('shop', 'DNS:shop.example.com', 90))
    folder.pair('api', home.unit('api', 'DNS:api.example.com', 90))
    folder.pair('edge', home.unit('edge'))
    for (const name of ['partners.pem', 'inside.pem']) folder.put(name, home.ca)
  })
  afterAll(() => {
    home?.[Symbol.dispose]()
    folder[Symbol.dispose]()
  })

  /** Reads a file as a gateway would; throws with its mistakes. */
  function read(text: string): void {
    expect(gatewayConfig(text, { path: folder.path, kinds: policyKinds, env }).routes.length).toBeGreaterThan(0)
  }

  test.each(blocks.filter(({ code }) => hasOpenssl || !code.includes('.pem')).map((block) => [`${block.page}:${block.line}`, block.code] as const))(
    '%s has no mistake',
    (_place, code) => {
      read(Array.isArray(parse(code)) ? routed(code) : code)
    },
  )

  test.each(inTables)('%s has none', (_place, code) => {
    read(routed(code))
  })
})

/** A list of policies as that of a route. */
function routed(policies: string): string {
  return `upstreams: { a: 'http://a' }\nroutes:\n  - path: /*\n    to: a\n    policies:\n${policies.replaceAll(/^/gm, '      ')}`
}
