/** A line a minute, and a last one: what was done so far. */
import { processorSeconds } from "./meter.js";
import type { Soak } from "./soak.js";

const MINUTE = 60;

export async function tellMinutes(soak: Soak): Promise<void> {
  const begun = performance.now();
  const before = await processorSeconds(soak);
  await soak.repeat("telling", async () => {
    await soak.pause(MINUTE);
    const seconds = (performance.now() - begun) / 1000;
    const cores = ((await processorSeconds(soak)) - before) / seconds;
    console.log(`      ${(seconds / MINUTE).toFixed(0)} min: ${summary(soak)}; ${cores.toFixed(2)} cores`);
  });
}

/** What nodes tell of, and what that is called here. */
const TOLD = {
  "a blob is lost here": "bad or missing files found by nodes",
  "the index was damaged: it is begun anew from the files, and the damaged one is kept beside it": "indexes begun anew",
};

export function summary({ counts, live, waits, story }: Soak): string {
  const told = Object.entries(TOLD).map(([event, what]): [string, number] => [what, story.told(event).length]);
  const rows = [...counts, ...told].map(([what, times]) => `${times} ${what}`);
  const longest = Math.max(0, ...waits) / 1000;
  return [`${live.size} assets`, ...rows, `longest wait ${longest.toFixed(1)} s of ${waits.length}`].join(", ");
}
