import type { ContenderProcess } from '../contender-process.ts'
import type { Load } from './generator.ts'

/** A turn of one server under load. */
export interface Turn extends Load {
  /** Microseconds of the server process for a request, which other work on the machine changes least. */
  readonly processorTime: number
}

export const perSecond = ({ requests, seconds }: Turn): number => requests / seconds

/** What a server in a process of its own tells when it is asked. */
interface Told {
  readonly port: number
  readonly processorTime: number
}

/** One turn: `generate` sends to the server at the port that it tells. Throws when a request was not answered 200. */
export async function turnOf<T extends Told>(child: Pick<ContenderProcess, 'ask'>, question: object, generate: (told: T) => Promise<Load>): Promise<Turn> {
  const before = (await child.ask(question)) as T
  const load = await generate(before)
  if (load.failed > 0) throw new Error(`${load.failed} of ${load.requests} requests failed`)
  const after = (await child.ask(question)) as T
  return { ...load, processorTime: (after.processorTime - before.processorTime) / load.requests }
}

/** After three turns each to warm up, since the code of a server is compiled as it is used: as many rounds as said, each beginning with another contender, so that what else happens happens to all. */
export async function inTurns<Name extends string>(
  names: readonly Name[],
  rounds: number,
  turn: (name: Name) => Promise<Turn>,
  progress: (line: string) => void,
): Promise<Readonly<Record<Name, readonly Turn[]>>> {
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Turn[]>
  progress('warming up')
  for (let round = 0; round < 3; round++) for (const name of names) await turn(name)
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`)
    for (let step = 0; step < names.length; step++) {
      const name = names[(step + round) % names.length]!
      measured[name].push(await turn(name))
    }
  }
  return measured
}
