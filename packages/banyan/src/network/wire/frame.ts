/**
 * Frames of the wire: four bytes of length (big-endian, of what follows), a byte of kind, four bytes of number, and text in UTF-8. A message
 * longer than one frame may be goes on in frames of kind `more`, between which other messages find room.
 */
export const HEAD_BYTES = 9
/** What the length counts besides the text. */
export const COUNTED_HEAD_BYTES = 5
/** Bytes of text in a frame: so long, and nobody waits long behind it. */
export const FRAME_TEXT_BYTES: number = 64 * 1024
/** In the byte of kind: more of the message follows. */
export const UNFINISHED = 0x80

/** What a message is, and so what its number and its text mean. */
export const Kind: {
  /** Of both sides, first: 0, and JSON that says who speaks. */
  readonly hello: 1
  /** Gives a number to what calls name often: that number, and a letter for what it is with the name. */
  readonly name: 2
  /** The number of the call, and what is called with its input. */
  readonly call: 3
  /** The number of the call, and its output. */
  readonly answer: 4
  /** The number of the call, and a problem (RFC 9457). */
  readonly failure: 5
  /** The number of a call whose caller has given up. */
  readonly cancel: 6
  /** The number of a message, and more of it. */
  readonly more: 7
  /** 0, and nothing: are you there? */
  readonly ping: 8
  /** 0, and nothing: yes. */
  readonly pong: 9
  /** 0, and nothing: no new calls here, please; those under way are answered. */
  readonly leaving: 10
} = { hello: 1, name: 2, call: 3, answer: 4, failure: 5, cancel: 6, more: 7, ping: 8, pong: 9, leaving: 10 }
export type Kind = (typeof Kind)[keyof typeof Kind]
