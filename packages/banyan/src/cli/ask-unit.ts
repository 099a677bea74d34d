import { Agent, request } from 'undici'
import { messageOf } from '../kernel/errors.ts'
import { WAYS_PATH } from '../network/http/peer-paths.ts'
import type { UnitStatus } from '../runtime/unit-status.ts'
import { anonymousIdentity } from '../security/identity.ts'
import { peerTokens } from '../security/peer-token.ts'
import { callingTls, type TlsOptions } from '../security/tls.ts'

/** What an instance says of itself, or why it says nothing. */
export interface Asked {
  readonly status: UnitStatus | undefined
  readonly trouble: string | undefined
}

interface UnitAsker extends AsyncDisposable {
  /** Asks the instance at an address; never throws. */
  status(url: string): Promise<Asked>
}

const ANSWER_MS = 2_000

/** Asks units how they are, as one of them: by the secret that they share. */
export function unitAsker(app: string, secret: string | undefined, tls?: TlsOptions): UnitAsker {
  const tokens = secret === undefined ? undefined : peerTokens({ app, secret })
  const agent = new Agent({ connect: { timeout: ANSWER_MS, ...callingTls(tls) } })

  async function status(url: string): Promise<UnitStatus | string> {
    if (!tokens) return 'not asked: BANYAN_SECRET is not set'
    const authorization = `Bearer ${tokens.issue(undefined, anonymousIdentity)}`
    const { statusCode, body } = await request(new URL(WAYS_PATH, url), {
      dispatcher: agent,
      headers: { authorization },
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    if (statusCode === 200) return (await body.json()) as UnitStatus
    await body.dump()
    return statusCode === 401 ? 'has another BANYAN_SECRET' : `answers ${statusCode}`
  }

  return {
    async status(url) {
      const found = await status(url).catch((error: unknown) => `does not answer: ${messageOf(error)}`)
      return typeof found === 'string' ? { status: undefined, trouble: found } : { status: found, trouble: undefined }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}
