import { openServer } from '../src/store/server.ts'

/**
 * A process that uses the embedded server, for tests to start and kill: tells on standard output when it is in, answers each line of
 * SQL on standard input with a line of JSON, and leaves in order when standard input ends.
 */
const options = JSON.parse(process.argv[2]!) as { dataDirectory: string; stopAfter?: number }
const tell = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`)

const server = await openServer({ app: 'held', ...options, embedded: { stopAfter: options.stopAfter ?? 60_000 }, log: (message) => tell({ log: message }) })
tell({ address: server.address })

process.stdin.setEncoding('utf8')
for await (const line of process.stdin) {
  const answer = await server.admin.query(String(line)).then(
    ({ rows }) => ({ rows }),
    (error: Error) => ({ error: error.message }),
  )
  tell(answer)
}
await server[Symbol.asyncDispose]()
tell({ left: true })
