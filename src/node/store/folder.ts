/** The data folder: its layout, its version, and the checks before anything in it is touched. */
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ReelmeshError } from "../../core/errors.js";
import { errorCode, storeError } from "./errors.js";
import { syncFolder } from "./sync.js";

/** Version of the layout, in the file `version`. A larger number belongs to a newer reelmesh. */
const VERSION = 1;

/** Absolute paths of the parts of a data folder. */
export interface DataFolder {
  root: string;
  /** `ab/cd/<sha256>`, one file a blob. */
  blobs: string;
  /** Work in progress; emptied at each start. */
  tmp: string;
  /** What arrives from outside, and its records; not emptied. */
  uploads: string;
  /** LevelDB. */
  index: string;
  /** Files of blobs whose bytes were not what their names said; the newest of them. */
  quarantine: string;
  /** A copy of the settings, in a file of its own. */
  settings: string;
}

/**
 * Makes the folder when it is missing and checks that it is one of ours. ENVIRONMENT when it cannot be used, is of a
 * newer version, or holds things of somebody else under the names that the store would empty.
 */
export async function prepareFolder(folder: string): Promise<DataFolder> {
  const root = resolve(folder);
  const parts = {
    root,
    blobs: join(root, "blobs"),
    tmp: join(root, "tmp"),
    uploads: join(root, "uploads"),
    index: join(root, "index"),
    quarantine: join(root, "quarantine"),
    settings: join(root, "settings.json"),
  };
  try {
    await makeFolder(root);
    if (!(await stat(root)).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    await checkVersion(parts);
    await Promise.all([parts.blobs, parts.tmp, parts.uploads].map((path) => mkdir(path, { recursive: true })));
  } catch (thrown) {
    throw storeError(thrown, root);
  }
  return parts;
}

/** As `mkdir -p`. Node's own (20.19) tries for ever where a file system makes no folders, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") return;
    if (errorCode(thrown) !== "ENOENT" || dirname(path) === path) throw thrown;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

async function checkVersion(parts: DataFolder): Promise<void> {
  const file = join(parts.root, "version");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined || text === "") return begin(parts, file);
  const version = /^\d+\s*$/.test(text) ? Number(text) : Number.NaN;
  if (version > VERSION) {
    const message = `the data folder ${parts.root} is of version ${version}, and this reelmesh reads up to ${VERSION}; install the newer reelmesh again or name another folder with --data`;
    throw new ReelmeshError("ENVIRONMENT", message);
  }
  if (version !== VERSION) {
    const message = `the file ${file} should hold the number ${VERSION}; the folder is damaged or not a data folder of reelmesh, so name another one with --data`;
    throw new ReelmeshError("ENVIRONMENT", message);
  }
}

/** Starts a new data folder; the version comes first, so that a crash here is taken up again at the next start. */
async function begin(parts: DataFolder, file: string): Promise<void> {
  const ours = ["blobs", "tmp", "uploads", "index"];
  const found = (await readdir(parts.root)).filter((name) => ours.includes(name));
  if (found.length > 0) {
    const message = `the folder ${parts.root} already holds ${found.join(", ")} and no file "version", so it is not a data folder of reelmesh; name an empty or new one with --data`;
    throw new ReelmeshError("ENVIRONMENT", message);
  }
  await writeFile(file, `${VERSION}\n`, { flush: true });
  await syncFolder(parts.root);
}
