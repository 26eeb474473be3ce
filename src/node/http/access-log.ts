/**
 * The access log in the Combined Log Format (httpd.apache.org/docs/2.4/logs.html), the times in UTC. Lines are gathered
 * and written some at a time; when the disk does not keep up, lines are left out rather than kept in memory.
 */
import { createWriteStream, type WriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ReelmeshError } from "../../core/errors.js";
import { fileProblem } from "../file-problems.js";
import type { Exchange } from "./listen.js";

const FLUSH_MS = 1_000;
const FLUSH_CHARACTERS = 64 * 1024;
/** Characters that may wait for the disk. */
const WAITING_CHARACTERS = 4 * 1024 * 1024;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export interface AccessLine {
  address: string;
  atMs: number;
  /** "GET /assets HTTP/1.1", as it came. */
  request: string;
  status: number;
  /** Bytes of the body. */
  bytes: number;
  referer: string;
  userAgent: string;
}

type Report = (event: string, details: Record<string, unknown>) => void;

export class AccessLog {
  readonly #file: string;
  readonly #report: Report;
  #stream: WriteStream | NodeJS.WriteStream;
  #gathered = "";
  #waiting = 0;
  #left = 0;
  /** Files that were moved away and have not taken all their lines yet. */
  readonly #ending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /**
   * `file`: absolute path, appended to; "-" for standard output. ENVIRONMENT when it cannot be written: a node that is
   * asked for a log does not start without one.
   */
  static async open(file: string, report: Report): Promise<AccessLog> {
    if (file === "-") return new AccessLog(file, report);
    try {
      return new AccessLog(file, report, await open(file, "a"));
    } catch (cause) {
      const reason = fileProblem(cause, "its folder does not exist");
      const message = `--access-log ${file} cannot be written: ${reason}; name a file in a folder that this user may write to`;
      throw new ReelmeshError("ENVIRONMENT", message, { cause });
    }
  }

  private constructor(file: string, report: Report, opened?: FileHandle) {
    this.#file = file;
    this.#report = report;
    this.#stream = this.#open(opened);
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  write(line: AccessLine): void {
    if (this.#waiting > WAITING_CHARACTERS) {
      this.#left += 1;
      return;
    }
    this.#gathered += formatLine(line);
    if (this.#gathered.length > FLUSH_CHARACTERS) this.#flush();
  }

  /** Begins a new file where the old one was moved away (logrotate(8)). */
  reopen(): void {
    this.#flush();
    if (this.#file === "-") return;
    const ending: Promise<void> = ended(this.#stream).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    this.#stream = this.#open();
  }

  /** Resolves when every line is with the system, those of files that were moved away too. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    if (this.#file !== "-") await ended(this.#stream);
    await Promise.all(this.#ending);
  }

  #open(opened?: FileHandle): WriteStream | NodeJS.WriteStream {
    if (this.#file === "-") return process.stdout;
    const stream = createWriteStream(this.#file, opened === undefined ? { flags: "a" } : { fd: opened });
    stream.on("error", (error) => this.#report("the access log cannot be written", { file: this.#file, error }));
    return stream;
  }

  #flush(): void {
    const text = this.#gathered;
    this.#gathered = "";
    if (this.#left > 0) this.#report("the access log is too slow: lines were left out", { lines: this.#left });
    this.#left = 0;
    if (text === "" || this.#stream.destroyed) return;
    this.#waiting += text.length;
    this.#stream.write(text, () => {
      this.#waiting -= text.length;
    });
  }
}

/** Ends a stream, and resolves when it has written everything or has failed. */
async function ended(stream: WriteStream | NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.once("close", resolve);
    stream.end();
  });
}

/** What was answered, when the answer has ended. */
export function accessLine(exchange: Exchange, address: string): AccessLine {
  const { request, response } = exchange;
  const { method, url, httpVersion, headers } = request;
  return {
    address,
    atMs: Date.now(),
    request: `${method} ${url} HTTP/${httpVersion}`,
    status: response.statusCode,
    // Of an answer that broke off it is not known how much arrived.
    bytes: response.writableFinished ? (exchange.bodyBytes ?? 0) : 0,
    referer: headers.referer ?? "-",
    userAgent: headers["user-agent"] ?? "-",
  };
}

function formatLine({ address, atMs, request, status, bytes, referer, userAgent }: AccessLine): string {
  const size = bytes === 0 ? "-" : bytes;
  return `${address} - - [${timeOf(atMs)}] "${quoted(request)}" ${status} ${size} "${quoted(referer)}" "${quoted(userAgent)}"\n`;
}

/** "10/Oct/2000:13:55:36 +0000". */
function timeOf(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** A client's words cannot end the field or the line: as httpd writes them, \xhh for what is no plain character. */
function quoted(words: string): string {
  return words.replace(/["\\]|[^\x20-\x7e]/gu, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  });
}
