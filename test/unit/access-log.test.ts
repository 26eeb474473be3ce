/** Lines of the access log, as other programs read them, and a file that cannot be written. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { type AccessLine, AccessLog } from "../../src/node/http/access-log.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const LINE: AccessLine = {
  address: "10.0.0.7",
  atMs: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
  request: "GET /assets/film/master.m3u8 HTTP/1.1",
  status: 200,
  bytes: 341,
  referer: "-",
  userAgent: "curl/8.0",
};

describe("access log", () => {
  const written = async (line: Partial<AccessLine>): Promise<string> => {
    const file = join(await temporaryFolder(), "access.log");
    const log = await AccessLog.open(file, () => undefined);
    log.write({ ...LINE, ...line });
    await log.close();
    return readFile(file, "utf8");
  };

  it("has the combined format, with the time in UTC", async () => {
    const text =
      '10.0.0.7 - - [03/Feb/2026:04:05:06 +0000] "GET /assets/film/master.m3u8 HTTP/1.1" 200 341 "-" "curl/8.0"\n';
    assert.equal(await written({}), text);
  });

  it("writes no body as a dash", async () => {
    assert.match(await written({ status: 304, bytes: 0 }), / 304 - "/);
  });

  it("lets no client end a field or a line", async () => {
    const text = await written({ userAgent: 'a" 200 1 "\\\r\nforged', referer: "f\u00fcr" });
    assert.ok(text.endsWith('"f\\xc3\\xbcr" "a\\" 200 1 \\"\\\\\\x0d\\x0aforged"\n'));
    assert.equal(text.split("\n").length, 2);
  });

  it("goes on in a new file when the old one was moved away, and loses no line between them", async () => {
    const file = join(await temporaryFolder(), "access.log");
    const log = await AccessLog.open(file, () => undefined);
    log.write(LINE);
    await rename(file, `${file}.1`);
    log.reopen();
    log.write({ ...LINE, status: 404 });
    await log.close();
    assert.match(await readFile(`${file}.1`, "utf8"), / 200 341 /);
    assert.match(await readFile(file, "utf8"), / 404 341 /);
  });

  it("is closed when what was moved away has all its lines as well", async () => {
    const file = join(await temporaryFolder(), "access.log");
    await promisify(execFile)("mkfifo", [file]);
    // A pipe takes no more than it holds, until somebody reads.
    const [reader, log] = await Promise.all([open(file, "r"), AccessLog.open(file, (event) => assert.fail(event))]);
    try {
      const long = "x".repeat(1_000_000);
      log.write({ ...LINE, userAgent: long });
      await rename(file, `${file}.1`);
      log.reopen();
      log.write({ ...LINE, status: 404 });
      let isClosed = false;
      const closing = log.close().then(() => (isClosed = true));
      const written = () => readFile(file, "utf8").catch(() => "");
      await until(async () => (await written()) || undefined, "the new file has its line");
      await delay(100);
      assert.equal(isClosed, false);
      assert.ok((await readFile(reader, "utf8")).includes(long));
      await closing;
    } finally {
      await reader.close();
    }
  });

  it("refuses a place that cannot be written, with the flag, the file and the reason", async () => {
    const folder = await temporaryFolder();
    for (const [file, reason] of [
      [join(folder, "no/such/access.log"), /its folder does not exist/],
      [folder, /it is a folder/],
    ] as const) {
      await assert.rejects(
        AccessLog.open(file, () => undefined),
        (error: Error) => {
          assert.match(error.message, new RegExp(`^--access-log ${file} cannot be written: `));
          assert.match(error.message, reason);
          return true;
        },
      );
    }
  });

  it("says that the disk takes no more, and lets the node go on", async () => {
    const reports: string[] = [];
    const log = await AccessLog.open("/dev/full", (event) => reports.push(event));
    log.write({ ...LINE, userAgent: "x".repeat(70_000) });
    await until(async () => reports[0], "the failure is reported");
    log.write(LINE);
    await log.close();
    assert.deepEqual(reports, ["the access log cannot be written"]);
  });

  it("says so when a new file cannot be begun", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "access.log");
    const reports: string[] = [];
    const log = await AccessLog.open(file, (event) => reports.push(event));
    await rename(file, `${file}.1`);
    await mkdir(file);
    log.reopen();
    await until(async () => reports[0], "the failure is reported");
    await log.close();
    assert.deepEqual(reports, ["the access log cannot be written"]);
  });
});
