/** Which rungs of a ladder bring nothing, by what samples of the film say of them. */
import type { Plan } from "./media.js";

/** A rung is worth it when the one above takes at least so many times its bits at equal quality. */
const LEAST_STEP = 1.3;
/**
 * Above this a picture that went through the next smaller size and back lost nothing (dB of luma). Measured: film (bbb) at
 * 480 lines through 360 has 45.8 dB, at 360 through 240 has 40.8; what was enlarged from 360 to 480 has 51.9.
 */
const SAME_PICTURE = 51;

/** Of the first codec's rungs, tallest first. */
export interface Rung {
  name: string;
  height: number;
  /** Bits a second that samples took, all rungs at the same quality. */
  rate: number;
  /** PSNR of the rung's own picture against itself through the next rung's size, dB; infinity for the last. */
  throughNext: number;
}

/** The heights to keep, tallest first, never none, and why others go. */
export function keepRungs(rungs: Rung[]): { heights: number[]; notes: string[] } {
  const notes: string[] = [];
  let left = [...rungs];
  for (let [top, next] = left; top && next && top.throughNext >= SAME_PICTURE; [top, next] = left) {
    const sharpness = `${top.throughNext.toFixed(1)} dB`;
    notes.push(`left out ${top.name}: the source is no sharper than ${next.name} (${sharpness} through its size)`);
    left = left.slice(1);
  }
  const kept: Rung[] = [];
  for (const rung of left) {
    const above = kept.at(-1);
    if (above === undefined || above.rate >= LEAST_STEP * rung.rate) kept.push(rung);
    else
      notes.push(
        `left out ${rung.name}: at equal quality it takes ${percent(rung.rate / above.rate)} of ${above.name}'s bits`,
      );
  }
  return { heights: kept.map(({ height }) => height), notes };
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** The plan with the rungs of those heights only, in every codec. */
export function withHeights(plan: Plan, heights: number[]): Plan {
  if (plan.video === null) return plan;
  const renditions = plan.video.renditions.filter(({ height }) => heights.includes(height));
  return { ...plan, video: { ...plan.video, renditions } };
}
