import type { Page } from './pages.ts'

/** What a reader does who follows a page. */
export type Step =
  | { readonly kind: 'write'; readonly file: string; readonly text: string }
  /** `shown`: what the page says comes out; undefined where it does not say. */
  | { readonly kind: 'run'; readonly text: string; readonly shown: string | undefined; readonly json: boolean }
  /** What the terminal says where this command runs. */
  | { readonly kind: 'see'; readonly command: string; readonly shown: string }
  /** Ctrl-C in that terminal. */
  | { readonly kind: 'interrupt'; readonly command: string }

export interface Section {
  readonly title: string
  readonly steps: readonly Step[]
}

/**
 * A page as a reader follows it. A block that names a file is that file from then on; a `sh` block is typed, and the `text` or `json` block
 * after it is what it answers, unless `<!-- Seen at: npx banyan dev -->` says where it is seen; `<!-- Ctrl-C: npx banyan dev -->` stands
 * beside the sentence that tells a reader to press it.
 */
export function sectionsOf({ path, text }: Page): readonly Section[] {
  return text.split(/^(?=#{1,2} )/m).map((part) => ({ title: `${path}: ${/^#+ (.*)/.exec(part)?.[1] ?? ''}`, steps: stepsOf(part) }))
}

const block = /(?:^<!-- Seen at: (.*) -->\n+)?^```(\w*)\n([^]*?)^```$|^<!-- Ctrl-C: (.*) -->$/gm

function stepsOf(text: string): readonly Step[] {
  const steps: Step[] = []
  for (const { 1: seen, 2: language, 3: body, 4: command } of text.matchAll(block)) {
    const file = /^(?:\/\/|--) ([\w./-]+\.\w+)\n/.exec(body ?? '')
    const last = steps.at(-1)
    if (command !== undefined) steps.push({ kind: 'interrupt', command })
    else if (file) steps.push({ kind: 'write', file: file[1]!, text: body!.slice(file[0].length) })
    else if (seen !== undefined) steps.push({ kind: 'see', command: seen, shown: body! })
    else if (language === 'sh') steps.push({ kind: 'run', text: body!, shown: undefined, json: false })
    else if (last?.kind === 'run') steps[steps.length - 1] = { ...last, shown: body!, json: language === 'json' }
  }
  return steps
}

/** Whether a command goes on until it is stopped: it is typed in a terminal of its own. */
export function staysOn(text: string): boolean {
  return /^(?:[A-Z_]+=\S+ )*(?:npm start|npx banyan (?:dev|start)\b|npx banyan events .*--follow)/m.test(text)
}

/** Whether a command may be typed again until it says what is shown: it only looks. */
export function looksOnly(text: string): boolean {
  return text.trim().split('\n').length === 1 && /^(?:curl (?!.* (?:-d|-X) )|npx banyan (?:events|routes|services)\b)/.test(text)
}
