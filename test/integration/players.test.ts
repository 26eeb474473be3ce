/** Three players that others wrote each play an asset with everything in it to its end, and switch all that it has. */
import assert from "node:assert/strict";
import type { BrowserContext } from "playwright-core";
import type { Plan } from "../../src/core/media.js";
import { openPlayer, startBrowser } from "../support/browser.js";
import { writeAsset } from "../support/packaged.js";
import { audioTrack, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";
import { type Library, type PlayerSite, servePlayers } from "../support/player-page.js";

const SECONDS = 12;
const FREQUENCIES = [440, 880] as const;

const STREAMS: [Library, string][] = [
  ["hls.js", "master.m3u8"],
  ["dash.js", "manifest.mpd"],
  ["shaka.js", "master.m3u8"],
  ["shaka.js", "manifest.mpd"],
];

describe("an asset with two languages, subtitles and small pictures", function () {
  this.timeout(120_000);
  let browser: BrowserContext;
  let site: PlayerSite;

  before(async () => {
    const languages = [
      { language: "en", title: "English" },
      { language: "de", title: "Deutsch" },
    ];
    const plan: Plan = {
      ...planOf(videoPlan(25 * SECONDS, [videoRendition(180), videoRendition(90)]), [
        ...languages.map((menu, index) => audioTrack(index + 1, { ...menu, stream: index + 1 })),
      ]),
      subtitles: languages.map((menu, index) => subtitleTrack(index + 1, menu)),
      images: { name: "images", width: 80, height: 45, columns: 3, rows: 2, interval: 1, count: 12, posterAt: 1 },
    };
    const asset = await writeAsset(plan, { picture: redThenBlue, frequencies: [...FREQUENCIES] });
    [browser, site] = await Promise.all([startBrowser(), servePlayers(asset)]);
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const [library, name] of STREAMS) {
    it(`plays from ${name} with ${library}`, async () => {
      const play = await openPlayer(browser, site.address(library, site.asset(name)));
      const [audio, text] = await play("languages");
      assert.deepEqual(
        [audio.toSorted(), text.toSorted()],
        [
          ["de", "en"],
          ["de", "en"],
        ],
      );
      assert.match((await play("speak", "en", FREQUENCIES[0])).join(), /^English \d+$/);
      assert.match((await play("speak", "de", FREQUENCIES[1])).join(), /^Deutsch \d+$/);
      await play("switchTo", 90);
      const [early, late] = [await play("thumbnail", 2.5), await play("thumbnail", 9.5)];
      assert.ok(early.red > 200 && early.blue < 60, JSON.stringify(early));
      assert.ok(late.blue > 200 && late.red < 60, JSON.stringify(late));
      const before = await play("report");
      await play("playToEnd");
      const { duration, stalls, errors, heights, frames } = await play("report");
      assert.ok(Math.abs(duration - SECONDS) < 0.05, `${duration} s`);
      assert.deepEqual({ errors, heights }, { errors: [], heights: [180, 90] });
      assert.deepEqual(stalls, before.stalls); // a player may drop what it had when it is told to switch
      assert.equal(frames.corrupted, 0);
    });
  }
});

/** Each for half of the time, a little uneven, so that there is something to encode. */
function redThenBlue(size: string): string {
  const half = (colour: string) => `color=${colour}:s=${size}:r=25:d=${SECONDS / 2}`;
  return `${half("red")}[a];${half("blue")}[b];[a][b]concat=n=2,noise=alls=20:allf=t`;
}
