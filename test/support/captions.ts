/** Puts CEA-608 captions into a raw H.264 stream, as broadcasters do (ATSC A/53, part 4, 6.2.3; ANSI/CTA-608-E). */

const ROLL = { resume: 0x9420, erase: 0x94ae, row15: 0x9470, show: 0x942f, clear: 0x942c };
const PADDING = 0x8080;

/** A caption that pops on: what is sent, pair by pair, in the frames before it is shown. */
export function popOn(text: string): number[] {
  const even = text.length % 2 === 0 ? text : `${text} `;
  const pairs = even.match(/../g)?.map((two) => (odd(two.charCodeAt(0)) << 8) | odd(two.charCodeAt(1))) ?? [];
  return [ROLL.resume, ROLL.resume, ROLL.erase, ROLL.erase, ROLL.row15, ROLL.row15, ...pairs, ROLL.show, ROLL.show];
}

export const CLEAR = [ROLL.clear, ROLL.clear];

/** With odd parity in the highest bit. */
function odd(byte: number): number {
  let ones = 0;
  for (let bit = 0; bit < 7; bit++) ones += (byte >> bit) & 1;
  return ones % 2 === 0 ? byte | 0x80 : byte;
}

/**
 * The stream, whose frames are in the order in which they are shown and one slice each, with a pair of bytes in every
 * frame: those of the given frames, else padding.
 */
export function addCaptions(stream: Buffer, pairs: ReadonlyMap<number, number>): Buffer {
  const parts: Buffer[] = [];
  let frame = 0;
  for (const unit of unitsOf(stream)) {
    const type = (unit[0] as number) & 0x1f;
    if (type === 1 || type === 5) parts.push(START, captionUnit(pairs.get(frame++) ?? PADDING));
    parts.push(START, unit);
  }
  return Buffer.concat(parts);
}

const START = Buffer.from([0, 0, 0, 1]);

function unitsOf(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = stream.indexOf("\0\0\x01", 0, "latin1"); at >= 0; at = stream.indexOf("\0\0\x01", at + 3, "latin1")) {
    starts.push(at);
  }
  return starts.map((start, place) => {
    let end = starts[place + 1] ?? stream.length;
    while (stream[end - 1] === 0) end--;
    return stream.subarray(start + 3, end);
  });
}

/** A message of user data that is registered (ITU-T H.264, D.1.6) with one pair of field 1. */
function captionUnit(pair: number): Buffer {
  const pairs = [0xfc, pair >> 8, pair & 0xff];
  const message = [0xb5, 0x00, 0x31, ...Buffer.from("GA94"), 0x03, 0xc1, 0xff, ...pairs, 0xff];
  const payload = [0x06, 0x04, message.length, ...message, 0x80];
  const escaped: number[] = [];
  for (const byte of payload) {
    if (byte <= 3 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3);
    escaped.push(byte);
  }
  return Buffer.from(escaped);
}
