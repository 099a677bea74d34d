import { styleText } from 'node:util'

/** Colours on a terminal, unless NO_COLOR is set. */
export function paint(colour: 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim', text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}
