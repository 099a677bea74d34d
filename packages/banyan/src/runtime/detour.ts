import { randomBytes } from 'node:crypto'
import { checkChaos, type Chaos } from '../kernel/chaos.ts'
import { Fates } from '../kernel/fates.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { Log } from '../model/context.ts'
import { operationsOf } from '../model/contract.ts'
import { faultyUnit } from '../network/chaos/faulty-unit.ts'
import type { Instance } from '../network/discovery/registry.ts'
import { loopback } from '../network/wire/loopback.ts'
import { wayTo } from '../network/way.ts'
import { peerTokens } from '../security/peer-token.ts'
import { peerVoice } from '../security/peer-voice.ts'
import type { Detour } from './binding.ts'
import { remoteBinding } from './bindings.ts'
import { faultyFeed } from './faulty-feed.ts'
import { answerFeed, remoteFeed } from './feed-wire.ts'
import type { LoadedApp } from './load.ts'

/**
 * The detour of a process under chaos: its services are reached as if each were in a unit of its own, encoded, through the way that leads to
 * other units, and with the faults of a bad network. Throws `invalid_configuration` for chaos that is none.
 */
export function chaosDetour(chaos: Chaos, { name, services }: LoadedApp, { lifecycle, log }: { lifecycle: Lifecycle; log: Log }): Detour {
  const fates = new Fates(checkChaos(chaos))
  const tokens = peerTokens({ app: name, secret: randomBytes(32).toString('base64url') })
  return (service, { binding, feed }) => {
    const heard = faultyFeed(feed, service, chaos)
    const unit = loopback({
      voice: peerVoice(tokens),
      operations: operationsOf(services.get(service)!.contract),
      invoke: (operation, input, envelope) => binding.invoke(operation, input, envelope),
      peer: { verify: (token) => tokens.verify(token), feed: (_service, request, signal) => answerFeed(heard, request, signal) },
      log,
    })
    const way = wayTo<Instance>({
      unit: service,
      watch: always({ id: service, unit: service, url: 'loopback:' }),
      connect: () => faultyUnit(unit, fates),
      policies: { breaker: false },
    })
    lifecycle.add(`the detour to ${service}`, way)
    return { binding: remoteBinding(way), feed: remoteFeed((request, signal) => way.feed(service, request, signal)) }
  }
}

function always(instance: Instance): (changed: (instances: readonly Instance[]) => void) => Disposable {
  return (changed) => {
    changed([instance])
    return { [Symbol.dispose]: () => undefined }
  }
}
