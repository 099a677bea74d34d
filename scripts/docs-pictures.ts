/**
 * Runs the example shop in a folder of its own and writes what a terminal shows of it to docs/pictures: once in one process, once in two.
 * Nothing in the pictures is made up; ids and times are those of the run. Needs curl and a shell.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { run } from '../packages/banyan/src/cli/run.ts'
import type { Io } from '../packages/banyan/src/cli/io.ts'
import { terminalPicture } from './terminal-picture.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const COLUMNS = 112
/** The events of one order that goes well; `--limit` then shows that order and nothing else. */
const EVENTS = 13
const LIMIT_MS = 30_000
const TEA = '{"lines":[{"sku":"TEA-001","quantity":2}],"card":"tok_ok"}'
const order = `curl -s "$SHOP/orders" -H "$ADA" -H "$JSON" -d '${TEA}'`
const tree = ['events', '--tree', '--limit', String(EVENTS)]

const folder = mkdtempSync(join(tmpdir(), 'banyan-pictures-'))
// where root runs this, the embedded server's own user has to pass through
chmodSync(folder, 0o755)
try {
  const shop = join(folder, 'shop')
  cpSync(join(root, 'examples/shop'), shop, { recursive: true, filter: (path) => !/[\\/](?:\.banyan|node_modules)$/.test(path) })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  delete process.env['DATABASE_URL']
  draw('one-process', 'Ada orders tea from a shop in one process, and the events that follow', await inOneProcess(shop))
  draw('two-processes', 'The same shop as two processes: the order comes in at one and is taken by the other', await inTwoProcesses(shop))
} finally {
  rmSync(folder, { recursive: true })
}

function draw(name: string, title: string, written: string): void {
  const path = join(root, `docs/pictures/${name}.svg`)
  writeFileSync(path, terminalPicture(written, { title, columns: COLUMNS }))
  console.log(`${path} has ${written.split('\n').length} lines`)
}

/** `npm start`, an order, and its events. */
async function inOneProcess(shop: string): Promise<string> {
  const port = await freePort()
  const child = spawn(process.execPath, ['start.ts'], { cwd: shop, env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  try {
    let opened = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (opened += text))
    await until(() => opened.includes('Ctrl-C') || child.exitCode !== null, 'the shop to open')
    // the first sentence; what follows are requests to try
    const [first] = opened.split('\n') as [string]
    const placed = ordered(`http://127.0.0.1:${port}`, await token(shop))
    return [prompt('npm start'), folded(first), '…', '', placed, prompt(`npm run banyan -- ${tree.join(' ')}`), await chain(shop)].join('\n')
  } finally {
    child.kill('SIGTERM')
    await gone
  }
}

/** `banyan dev split`, an order at the unit that does not take orders, and its events. */
async function inTwoProcesses(shop: string): Promise<string> {
  const stop = new AbortController()
  const port = await freePort()
  let said = ''
  const ended = run(
    ['dev', 'split', '--port', String(port)],
    io(shop, (text) => (said += text), stop.signal),
  )
  try {
    await until(() => said.includes('ready after') || said.includes('waiting for a change'), 'the units to be ready')
    // before it stand log lines with paths of this machine
    const summary = said.slice(said.search(/\n.*topology split/))
    const [stock] = /http:\S+?(?=\u001B|\s)/.exec(summary.slice(summary.indexOf('stock'))) as unknown as [string]
    const placed = ordered(stock, await token(shop))
    return [
      prompt(`npm run banyan -- dev split`),
      summary,
      prompt(`SHOP=${stock}`),
      placed,
      prompt(`npm run banyan -- ${tree.join(' ')}`),
      await chain(shop),
    ].join('\n')
  } finally {
    stop.abort()
    await ended
  }
}

/** Places an order as the printed line does, and answers what a terminal shows of it. */
function ordered(url: string, bearer: string): string {
  const env = { ...process.env, SHOP: url, ADA: `Authorization: Bearer ${bearer}`, JSON: 'Content-Type: application/json' }
  const answer = execFileSync('sh', ['-c', order], { env, encoding: 'utf8' })
  if (!answer.includes('orderId')) throw new Error(`the order was not taken: ${answer}`)
  return `${prompt(order)}\n${answer}\n`
}

/** The tree of the newest order, once all its events are there. */
async function chain(shop: string): Promise<string> {
  const newest = async () =>
    (await banyan(shop, ['events', '--limit', String(EVENTS), '--json']))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type)
  await until(async () => {
    const types = await newest()
    return types[0] === 'Placed' && types.includes('Shipped')
  }, 'the order to be shipped')
  return banyan(shop, tree)
}

async function token(shop: string): Promise<string> {
  return (await banyan(shop, ['token', 'ada', '--role', 'customer'])).trim()
}

/** What the command line writes to a terminal. */
async function banyan(shop: string, args: readonly string[]): Promise<string> {
  let text = ''
  const code = await run(
    args,
    io(shop, (more) => (text += more), new AbortController().signal),
  )
  if (code !== 0) throw new Error(`banyan ${args.join(' ')} ended with ${code}: ${text}`)
  return text
}

function io(cwd: string, write: (text: string) => void, stop: AbortSignal): Io {
  const output = { write, terminal: true, width: COLUMNS }
  return { out: output, err: output, env: { ...process.env, TERM: 'xterm' }, cwd, ask: undefined, hear: undefined, untilStopped: () => stop, tell: undefined }
}

function prompt(line: string): string {
  return `\u001B[32m$\u001B[39m \u001B[1m${line}\u001B[22m`
}

/** As a terminal breaks a long line, but at a space. */
function folded(line: string): string {
  return line.replaceAll(new RegExp(`(.{1,${COLUMNS}})(?: |$)`, 'g'), '$1\n').trimEnd()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + LIMIT_MS
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`waited ${LIMIT_MS / 1000} s for ${what}`)
    await wait(100)
  }
}
