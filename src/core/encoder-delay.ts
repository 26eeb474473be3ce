/** By how much the sound of a source stands late or early, where its container says nothing of it or says it wrongly. */

/** AVI counts time from the first packet, and a raw ADTS stream has no time at all. */
const SAY_NOTHING = ["avi", "aac"];

/**
 * Samples by which what is decoded comes late, of the encoders that nearly everybody uses: one frame for AAC (ISO/IEC
 * 14496-3 leaves it to the encoder), half a frame with the decoder's delay for MPEG layer 3 (LAME) and layer 2, one block
 * for AC-3. Measured with ffmpeg 5.1.9: clicks came 21.35, 23.04, 10.04 and 5.35 ms late out of AVI at 48 kHz.
 */
const SAMPLES: Record<string, number> = { aac: 1024, mp3: 1105, mp2: 481, ac3: 256, eac3: 256 };

/**
 * libavformat 59 (ffmpeg 5.0 and 5.1) writes Opus to Matroska without adding the delay that readers take off again
 * (Matroska, CodecDelay): rounded to its milliseconds. Measured with 5.1.9: clicks came 7.5 ms early.
 */
const OPUS_EARLY_SECONDS = 0.007;

interface Track {
  /** ffmpeg's names. */
  demuxer: string;
  codec: string;
  sampleRate: number;
  /** The program that wrote the file, as it calls itself; "" when it does not say. */
  writer: string;
}

/** Seconds by which the sound stands late, negative where it is early; 0 where the container tells, or nobody knows. */
export function lateBy({ demuxer, codec, sampleRate, writer }: Track): number {
  if (SAY_NOTHING.includes(demuxer)) return (SAMPLES[codec] ?? 0) / sampleRate;
  return demuxer === "matroska" && codec === "opus" && /^Lavf59\./.test(writer) ? -OPUS_EARLY_SECONDS : 0;
}
