import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'

/** What the server tells its parent: that it listens, or that it has taken a mail. */
export type Told = { readonly port: number } | { readonly to: readonly string[]; readonly raw: string }

/**
 * A mail server in a process of its own: `node mail-server.ts <port>`. It takes mail for everybody, but for nobody@; for busy@ the second
 * time. `dies` as the second argument: it takes one mail, and is gone before it can say so.
 */
const [port, mood] = process.argv.slice(2)
const deferred = new Set<string>()
const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onRcptTo({ address }, _session, done) {
    if (address.startsWith('nobody')) return done(refusal(550, 'no such person here'))
    if (address.startsWith('busy') && !deferred.has(address)) {
      deferred.add(address)
      return done(refusal(451, 'come back later'))
    }
    done()
  },
  onData(stream, { envelope }, done) {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => {
      const taken: Told = { to: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(parts).toString() }
      process.send!(taken, () => (mood === 'dies' ? process.exit() : done()))
    })
  },
})

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

const listening = server.listen(Number(port), '127.0.0.1')
await once(listening, 'listening')
process.send!({ port: (listening.address() as { port: number }).port } satisfies Told)
process.on('disconnect', () => process.exit())
