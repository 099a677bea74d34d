import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seed } from './seed.ts'
import { openShop, type OpenShop } from './test/open.ts'
import { welcome } from './welcome.ts'

let shop: OpenShop
let text: string
beforeAll(async () => {
  shop = await openShop()
  await seed(shop.call)
  text = await welcome(shop, 1)
  await shop.quiet()
})
afterAll(() => shop[Symbol.asyncDispose]())

/** What a shell makes of a printed line: the arguments of its curl. A curl within it, which asks for a token, runs. */
async function argumentsOf(line: string): Promise<readonly string[]> {
  const variables = text.match(/^ {2}[A-Z]+=.*$/gm)!.join('\n')
  const script = `${variables}\ncurl() { if [ "$1" = -sw ]; then printf '%s\\0' "$@"; else command curl "$@"; fi; }\n${line}`
  const { stdout } = await promisify(execFile)('sh', ['-c', script])
  return stdout.split('\0').slice(0, -1)
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** Sends what curl would send. */
async function paste(line: string): Promise<Answer> {
  const [, , ...args] = await argumentsOf(line)
  const headers = new Headers()
  let [method, url, body]: [string | undefined, string | undefined, string | undefined] = [undefined, undefined, undefined]
  for (let at = 0; at < args.length; at++) {
    if (args[at] === '-H') {
      const [name, value] = args[++at]!.split(/: (.*)/s)
      headers.set(name!, value!)
    } else if (args[at] === '-d') body = args[++at]
    else if (args[at] === '-X') method = args[++at]
    else url = args[at]
  }
  const response = await fetch(url!, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, ...(body === undefined ? {} : { body }) })
  return { status: response.status, body: await response.text() }
}

const examples = () =>
  [...text.matchAll(/^ {2}# (.*): (\d{3})(.*)\n {2}(curl .*)$/gm)].map(([, says, status, gives, line]) => ({
    says,
    status: Number(status),
    gives,
    line: line!,
  }))
const example = (says: string) => examples().find((candidate) => candidate.says!.startsWith(says))!

describe('what npm start prints', () => {
  test('is fourteen requests that work and seven that are refused', () => {
    const statuses = examples().map(({ status }) => status)
    expect(statuses.map((status) => (status < 300 ? 'right' : 'wrong'))).toEqual([...Array<string>(14).fill('right'), ...Array<string>(7).fill('wrong')])
  })

  test('does what it says', async () => {
    for (const { says, status, gives, line } of examples()) {
      const answer = await paste(line)
      expect({ says, status: answer.status }).toEqual({ says, status })
      // a code is the first word behind the status of a refusal
      if (status >= 400) expect(answer.body).toContain(`"code":"${/\w+/.exec(gives!)![0]}"`)
    }
  })

  test('brings an order whose card answers later to its end', async () => {
    const { line } = example('Ada’s pen')
    const { orderId } = JSON.parse(/-d '(.*)'/.exec(line)![1]!) as { orderId: string }
    expect((await paste(line)).status).toBe(204)
    await shop.quiet()
    expect(await shop.as({ subject: 'ada', roles: ['customer'] }).orders.byId({ orderId })).toMatchObject({ status: 'shipped' })
  })
})
