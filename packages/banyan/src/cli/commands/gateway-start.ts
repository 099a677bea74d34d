import { once } from 'node:events'
import { dirname, resolve } from 'node:path'
import { ReloadedFile } from '../../gateway/file/reloaded-file.ts'
import { mistakeLine, mistakesOf } from '../../gateway/file/mistake.ts'
import { readGatewayFile } from '../../gateway/file/read.ts'
import { policyKinds } from '../../gateway/policy-kinds.ts'
import { startGateway } from '../../gateway/start-gateway.ts'
import { accessLog, accessLogForms, type AccessLog } from '../../observe/access-log.ts'
import { createLog } from '../../observe/log.ts'
import { readTls } from '../../security/read-tls.ts'
import { misuse, type Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import type { Io } from '../io.ts'
import { portOf } from '../ports.ts'

export const gatewayStart: Command = {
  usage: '<file>',
  purpose:
    'Passes requests on to foreign servers as a gateway file says, until SIGTERM or SIGINT; then it finishes what it has.\nThe file is read again whenever it or a certificate that it names changes, and on SIGHUP; one with a mistake changes\nnothing, and the log says why. It speaks TLS where the file has tls, or BANYAN_TLS_CERT and BANYAN_TLS_KEY are paths of PEM\nfiles: these are shown to who asks for no name that the file has one for.',
  options: {
    port: { type: 'text', value: 'N', help: 'PORT, or 3000; 0 takes a free one' },
    host: { type: 'text', value: 'ADDRESS', help: '127.0.0.1 unless said; 0.0.0.0 to be reached from elsewhere' },
    access: { type: 'text', value: 'FORM', help: 'a line for each request on standard output: json, common or combined' },
    trust: { type: 'text', value: 'NETWORKS', help: 'proxies in front that are believed whom they ask for: 10.0.0.0/8,loopback' },
  },
  positionals: [1, 1],
  examples: [
    { line: 'banyan gateway start gateway.yaml', does: 'on port 3000' },
    { line: 'banyan gateway start gateway.yaml --host 0.0.0.0 --access combined', does: 'to be reached from elsewhere, with an access log' },
  ],
  async run(args, io) {
    const given = args.positionals[0]!
    try {
      await serve(given, args, io)
      return 0
    } catch (error) {
      const mistakes = mistakesOf(error)
      if (!mistakes) throw error
      for (const mistake of mistakes) io.err.write(`${mistakeLine(given, mistake)}\n`)
      return 1
    }
  },
}

async function serve(given: string, args: Arguments, io: Io): Promise<void> {
  const stop = io.untilStopped()
  const path = resolve(io.cwd, given)
  const reading = { kinds: policyKinds, env: io.env }
  const config = await readGatewayFile(path, reading)
  const log = createLog({ level: args.flag('verbose') ? 'debug' : 'info', destination: io.err })
  await using edge = await startGateway(config, {
    port: portOf(args, io),
    host: args.text('host') ?? '127.0.0.1',
    parts: { directory: dirname(path) },
    trusted: args.words('trust') ?? [],
    tls: await readTls(undefined, io.env),
    accessLog: accessLogOf(args, io),
    log,
  })
  await using _file = ReloadedFile.open({ ...reading, path, loaded: config, load: (next) => edge.load(next), log, signal: 'SIGHUP' })
  log.info('listening', { url: edge.url, file: given, routes: config.routes.length, upstreams: Object.keys(config.upstreams) })
  if (!stop.aborted) await once(stop, 'abort')
  log.info('draining: what has begun is finished first')
}

function accessLogOf(args: Arguments, io: Io): AccessLog | undefined {
  const said = args.text('access')
  if (said === undefined) return undefined
  const form = accessLogForms.find((one) => one === said)
  if (!form) throw misuse(`--access is '${said}'; it is ${accessLogForms.join(', ')}`)
  return accessLog(form, io.out)
}
