/** Reads how bright an HDR source was made to be, from its container or from its first frame, whichever says it. */
import { fileUrl, safeInput } from "../../core/ffmpeg-arguments.js";
import type { Light, Rational } from "../../core/media.js";
import { ratio } from "../../core/rational.js";
import type { SourceVideo } from "../../core/source.js";
import { run } from "./process.js";

/** What ffprobe says of side data; fractions as "34000/50000". */
type SideData = Record<string, string | number | undefined>;

interface Shown {
  streams?: { side_data_list?: SideData[] }[];
  frames?: { side_data_list?: SideData[] }[];
}

/** {} where the source does not say. INVALID_INPUT when it cannot be read. */
export async function readLight(
  file: string,
  demuxer: string,
  { stream }: SourceVideo,
  signal: AbortSignal,
): Promise<Light> {
  const lines: string[] = [];
  const first = ["-select_streams", String(stream), "-read_intervals", "%+#1", "-show_frames", "-show_streams"];
  await run("ffprobe", [...safeInput(demuxer), ...first, "-of", "json", fileUrl(file)], {
    signal,
    purpose: "reading the light of the first frame",
    blame: "INVALID_INPUT",
    onLine: (line) => lines.push(line) > 0,
  });
  const { streams = [], frames = [] } = JSON.parse(lines.join("\n")) as Shown;
  return lightOf([...streams, ...frames].flatMap(({ side_data_list = [] }) => side_data_list));
}

function lightOf(all: SideData[]): Light {
  const display = all.find((data) => data["side_data_type"] === "Mastering display metadata");
  const content = all.find((data) => data["side_data_type"] === "Content light level metadata");
  const mastering = display === undefined ? undefined : masteringOf(display);
  return {
    ...(mastering === undefined ? {} : { mastering }),
    ...(content?.["max_content"] === undefined
      ? {}
      : { content: { max: Number(content["max_content"]), average: Number(content["max_average"] ?? 0) } }),
  };
}

/** Undefined unless it says both the colours and the luminances of the display. */
function masteringOf(data: SideData): Light["mastering"] {
  const value = (name: string) => fraction(data[name]);
  const point = (name: string): [number, number] => [value(`${name}_x`), value(`${name}_y`)];
  const [minLuminance, maxLuminance] = [value("min_luminance"), value("max_luminance")];
  const points = { red: point("red"), green: point("green"), blue: point("blue"), white: point("white_point") };
  const isComplete = maxLuminance > 0 && Object.values(points).every(([x, y]) => x > 0 && y > 0);
  return isComplete ? { ...points, minLuminance, maxLuminance } : undefined;
}

function fraction(text: string | number | undefined): number {
  const [num = 0, den = 1] = String(text ?? 0)
    .split("/")
    .map(Number);
  return den > 0 ? ratio({ num, den } satisfies Rational) : 0;
}
