/** Sources that a node fetches by itself, from real servers on loopback; and what it refuses to ask. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { AwsClient } from "aws4fetch";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { systemClock } from "../../src/node/clock.js";
import type { Fetching } from "../../src/node/fetching-jobs.js";
import type { Listener } from "../../src/node/http/listen.js";
import { Arrivals } from "../../src/node/ingest/arrivals.js";
import { Fetches } from "../../src/node/ingest/fetches.js";
import { type RemoteOptions, RemoteReader } from "../../src/node/ingest/remote-read.js";
import { SelfSubmission } from "../../src/node/ingest/self-submission.js";
import { SourceGuard } from "../../src/node/ingest/source-guard.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import type { Submission } from "../../src/node/submission.js";
import { examples } from "../support/seeds.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";
import { rogue } from "./http.support.js";

const require = createRequire(import.meta.url);
const LIMIT = 20_000_000;
const film = Buffer.concat([Buffer.from("\0\0\0\x20ftypisom", "latin1"), randomBytes(3_000_000)]);
const sha256 = createHash("sha256").update(film).digest("hex");
const submission: Submission = {
  ...{ job: "job-0001", fileName: "", name: "", asset: "", source: null, options: DEFAULT_OPTIONS, holder: "" },
  priority: 0,
};

describe("sources that a node fetches", () => {
  let folder: string;
  let store: Store;
  let arrivals: Arrivals;
  let fetches: Fetches;
  let selfSubmission: SelfSubmission;
  let submitted: Submission[];
  let said: string[];
  let pauses: number;
  const servers: Listener[] = [];

  const start = async (options: Partial<RemoteOptions> = {}) => {
    store = await openStore(folder);
    const report = (event: string, details: Record<string, unknown>) => {
      said.push(`${event} ${JSON.stringify(details)} ${details["error"] ?? ""}`);
    };
    // Tries come at once: nothing rests on how long they wait.
    const sleep = async () => void pauses++;
    const clock = { ...systemClock, sleep };
    arrivals = await Arrivals.open({ folder: store.uploads, store: store.blobs, clock, limit: LIMIT, report });
    const submit = async (request: Submission) => void submitted.push(request);
    selfSubmission = new SelfSubmission({ arrivals, submit, clock, report });
    const reader = new RemoteReader(arrivals, { allowed: ["127.0.0.1"], s3: { region: "us-east-1" }, ...options });
    fetches = new Fetches({ arrivals, reader, selfSubmission, store: store.blobs, clock, report });
    fetches.start();
  };
  const stop = async () => {
    await fetches.stop();
    await selfSubmission.stop();
    await arrivals.stop();
    await store.close();
  };

  beforeEach(async () => {
    [submitted, said, pauses] = [[], [], 0];
    folder = await temporaryFolder();
    await start();
  });
  afterEach(async () => {
    await stop();
    for (const server of servers.splice(0)) await server.close();
  });

  const serve = async (listener: RequestListener): Promise<string> => {
    const server = await rogue(listener);
    servers.push(server);
    return `http://${server.address}`;
  };

  /** Resolves with how far it was told to be; rejects with why it is refused. */
  const fetchIt = async (address: string): Promise<Fetching[]> => {
    const told: Fetching[] = [];
    await fetches.add(address, submission);
    for await (const fetching of fetches.follow("job-0001", AbortSignal.timeout(60_000))) told.push(fetching);
    return told;
  };

  const isFilm = async () => {
    assert.equal(Buffer.compare(await readFile(await store.blobs.path(sha256)), film), 0);
    assert.deepEqual([submitted[0]?.job, submitted[0]?.source], ["job-0001", { sha256, bytes: film.length }]);
  };

  /** A server that gives ranges of the film, a million bytes a connection at most, under a validator. */
  const inParts = (validator: () => string, seen: string[] = []): RequestListener => {
    return (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? "-1");
      seen.push(`${request.headers.range} ${request.headers["if-range"]}`);
      const range = from >= 0 && request.headers["if-range"] === validator();
      const rest = film.subarray(range ? from : 0);
      response.writeHead(range ? 206 : 200, {
        "content-length": rest.length,
        etag: validator(),
        ...(range && { "content-range": `bytes ${from}-${film.length - 1}/${film.length}` }),
      });
      const part = rest.subarray(0, 1_000_000);
      if (part.length === rest.length) response.end(part);
      else response.write(part, () => response.destroy());
    };
  };

  it("go on at the byte where the connection broke", async () => {
    const seen: string[] = [];
    const site = await serve(inParts(() => '"one"', seen));
    const told = await fetchIt(`${site}/folder/my%20film.mp4?signature=secret`);
    await isFilm();
    assert.equal(submitted[0]?.fileName, "my film.mp4");
    assert.equal(seen[0], "undefined undefined");
    assert.match(seen[1] ?? "", /^bytes=\d+- "one"$/);
    assert.ok(seen.length >= 3 && pauses >= 2);
    assert.equal(told.at(-1)?.total, film.length);
    assert.equal(told[0]?.source, `${site}/folder/my%20film.mp4?...`);
    assert.doesNotMatch(said.join(), /secret/);
  });

  it("are refused when they change meanwhile", async () => {
    let asked = 0;
    const site = await serve(inParts(() => `"${Math.min(asked++, 2)}"`));
    await assert.rejects(fetchIt(`${site}/film.mp4`), { code: "INVALID_INPUT", message: /has changed while/ });
    assert.deepEqual(await store.blobs.owners(), []);
  });

  it("begin anew where a server gives no parts, or nothing to tell a change by", async () => {
    let tries = 0;
    const site = await serve((_request, response) => {
      response.writeHead(200, { "content-length": film.length });
      if (tries++ > 0) response.end(film);
      else response.write(film.subarray(0, 500_000), () => response.destroy());
    });
    await fetchIt(`${site}/film.mp4`);
    await isFilm();
  });

  it("go on after the node was killed", async () => {
    let hold = true;
    const seen: string[] = [];
    const site = await serve((request, response) => {
      if (!hold) return inParts(() => '"one"', seen)(request, response);
      response.writeHead(200, { "content-length": film.length, etag: '"one"' });
      response.write(film.subarray(0, 1_500_000));
    });
    const arrival = await fetches.add(`${site}/film.mp4`, submission);
    await until(async () => (await arrivals.length(arrival)) === 1_500_000 || undefined, "half of it has come");
    await stop();
    hold = false;
    await start();
    for await (const _ of fetches.follow("job-0001", AbortSignal.timeout(60_000)));
    await isFilm();
    assert.equal(seen[0], 'bytes=1500000- "one"');
  });

  it("can be given up", async () => {
    const site = await serve((_request, response) => {
      response.writeHead(200, { "content-length": film.length });
      response.write(film.subarray(0, 1000));
    });
    const ended = assert.rejects(fetchIt(`${site}/film.mp4`), { code: "CONFLICT", message: /was cancelled/ });
    await until(async () => fetches.list()[0], "it is under way");
    assert.equal(await fetches.cancel("job-0001"), true);
    await ended;
    assert.deepEqual(fetches.list(), []);
    assert.equal(await fetches.cancel("job-0001"), false);
  });

  const answers: [string, RequestListener, RegExp][] = [
    ["a web page", (_, response) => void response.end("<!doctype html><p>Sign in"), /is text, not a video/],
    ["a playlist", (_, response) => void response.end("#EXTM3U\nfilm.ts\n"), /is a playlist, not a video/],
    ["nothing", (_, response) => void response.end(), /is empty/],
    ["404", (_, response) => void response.writeHead(404).end(), /HTTP 404, there is no such file/],
    ["403", (_, response) => void response.writeHead(403).end(), /HTTP 403/],
    [
      "more than the limit",
      (_, response) => void response.writeHead(200, { "content-length": LIMIT + 1 }).write(film),
      /this node takes up to 20000000/,
    ],
    ["without end", (_, response) => endless(response), /this node takes up to 20000000/],
    ["a redirect to itself", (_, response) => leadTo(response, "/film.mp4"), /leads on more than 5 times/],
    ["a redirect to a file", (_, response) => leadTo(response, "file:///etc/passwd"), /not over file/],
    ["a redirect with a password", (_, response) => leadTo(response, "https://a:b@c.example/x"), /a password in it/],
    [
      "a redirect to the machine's own services",
      (_, response) => leadTo(response, "http://169.254.169.254/latest/meta-data"),
      /169\.254\.169\.254.* is not fetched/,
    ],
    [
      "a redirect to another loopback",
      (_, response) => leadTo(response, "http://[::1]:1/film.mp4"),
      /::1.*not fetched/,
    ],
  ];
  for (const [what, listener, sentence] of answers) {
    it(`are refused when the answer is ${what}`, async () => {
      const site = await serve(listener);
      await assert.rejects(fetchIt(`${site}/film.mp4`), { code: "INVALID_INPUT", message: sentence });
      assert.deepEqual([await store.blobs.owners(), submitted], [[], []]);
    });
  }

  it("follow a redirect to where they may", async () => {
    const films = await serve((_, response) => void response.end(film));
    const site = await serve((_, response) => leadTo(response, `${films}/elsewhere.mp4`));
    await fetchIt(`${site}/film.mp4`);
    await isFilm();
  });

  it("are asked for again while a server is busy, but not for ever", async () => {
    let tries = 0;
    const site = await serve((_, response) => {
      tries++;
      if (tries < 4) response.writeHead(503).end();
      else response.end(film);
    });
    await fetchIt(`${site}/film.mp4`);
    await isFilm();
    const broken = await serve((_, response) => void response.writeHead(500).end());
    await fetches.add(`${broken}/film.mp4`, { ...submission, job: "job-0002" });
    const last = fetches.follow("job-0002", AbortSignal.timeout(60_000));
    // Not a code that has a client try again: each time it did, the fetch would begin anew.
    await assert.rejects(drained(last), { code: "INVALID_INPUT", message: /HTTP 500 at present; asked 5 times/ });
  });

  it("are given up where TLS is not spoken", async () => {
    const plain = await serve((_, response) => void response.end(film));
    const ended = fetchIt(`${plain.replace("http:", "https:")}/film.mp4`);
    await assert.rejects(ended, { code: "INVALID_INPUT", message: /it does not speak TLS there/ });
  });

  it("are one job each: the same id again is the same fetch, and not another's", async () => {
    const site = await serve((_, response) => void response.end(film));
    await fetchIt(`${site}/film.mp4`);
    await assert.rejects(fetches.add("ftp://films.example/film.mp4", submission), { message: /not over ftp/ });
    await assert.rejects(fetches.add("https://a:b@films.example/f", submission), { message: /a password in it/ });
    const job = { ...submission, job: "job-0002" };
    const slow = await serve((_, response) => void response.writeHead(200).write(film.subarray(0, 10)));
    assert.equal(await fetches.add(`${slow}/film.mp4`, job), await fetches.add(`${slow}/film.mp4`, job));
    await assert.rejects(fetches.add(`${slow}/other.mp4`, job), { code: "CONFLICT" });
  });

  it("come from an S3 server of one's own, with this node's key and a name that has to be encoded", async () => {
    const S3rver = require("s3rver");
    const buckets = await temporaryFolder();
    const options = { address: "127.0.0.1", port: 0, silent: true, directory: buckets };
    const server = new S3rver({ ...options, configureBuckets: [{ name: "films", configs: [] }] });
    const { port } = await server.run();
    try {
      const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
      const endpoint = `http://127.0.0.1:${port}`;
      const client = new AwsClient({ ...credentials, service: "s3", region: "us-east-1" });
      const put = await client.fetch(`${endpoint}/films/a%20film%2B1%20(x).mp4`, { method: "PUT", body: film });
      assert.equal(put.status, 200);
      await stop();
      await start({ allowed: [], s3: { endpoint, region: "us-east-1", credentials } });
      await fetchIt("s3://films/a film+1 (x).mp4");
      await isFilm();
      // The server is the operator's for s3 addresses alone.
      await fetches.add(`${endpoint}/films/film.mp4`, { ...submission, job: "job-0002" });
      const other = fetches.follow("job-0002", AbortSignal.timeout(60_000));
      await assert.rejects(drained(other), { code: "INVALID_INPUT", message: /is not fetched/ });
      await stop();
      await start({ s3: { endpoint, region: "us-east-1", credentials: { ...credentials, accessKeyId: "STRANGER" } } });
      await fetches.add("s3://films/a film+1 (x).mp4", { ...submission, job: "job-0003" });
      const wrong = fetches.follow("job-0003", AbortSignal.timeout(60_000));
      await assert.rejects(drained(wrong), { code: "INVALID_INPUT", message: /HTTP 403/ });
      assert.doesNotMatch(said.join(), /S3RVER/);
    } finally {
      await server.close();
    }
  });
});

describe("the guard of remote sources", () => {
  const guard = new SourceGuard([]);

  for (const address of [
    ...[
      "https://127.0.0.1/f",
      "https://localhost/f",
      "https://2130706433/f",
      "https://0x7f.1/f",
      "https://0177.0.0.1/f",
    ],
    ...["https://127.1/f", "https://[::1]/f", "https://[::ffff:127.0.0.1]/f", "https://[::ffff:7f00:1]/f"],
    ...["https://169.254.169.254/latest/meta-data", "https://[fe80::1]/f", "https://[fd00:ec2::254]/f", "https://0/f"],
    ...[
      "https://10.1.2.3/f",
      "https://172.31.0.1/f",
      "https://192.168.1.1/f",
      "https://100.64.0.1/f",
      "https://[::]/f",
    ],
    ...["https://224.0.0.1/f", "https://255.255.255.255/f", "https://[ff02::1]/f", "https://[64:ff9b::7f00:1]/f"],
    ...["https://[2002:7f00:1::]/f", "https://[2001:0:1::]/f", "https://[::127.0.0.1]/f"],
  ]) {
    it(`refuses ${address}`, async () => {
      await assert.rejects(guard.resolve(new URL(address)), { code: "INVALID_INPUT", message: /not a public one/ });
    });
  }

  it("refuses plain http and other ports where they were not allowed", async () => {
    await assert.rejects(guard.resolve(new URL("http://93.184.216.34/f")), { message: /only https is allowed/ });
    await assert.rejects(guard.resolve(new URL("https://93.184.216.34:22/f")), { message: /port 22 is not allowed/ });
    assert.equal((await guard.resolve(new URL("https://93.184.216.34/f")))[0]?.address, "93.184.216.34");
  });

  it("allows what it was told to: a name, an address, a network", async () => {
    const url = new URL("http://localhost:9000/f");
    for (const allowed of ["localhost", "LOCALHOST"]) assert.ok(await new SourceGuard([allowed]).resolve(url));
    assert.ok(await new SourceGuard(["127.0.0.0/8", "::1"]).resolve(url));
    const other = new URL("http://[::ffff:127.0.0.1]:9000/f");
    assert.ok(await new SourceGuard(["127.0.0.0/8"]).resolve(other));
    await assert.rejects(new SourceGuard(["10.0.0.0/8", "films.example"]).resolve(url));
    assert.throws(() => new SourceGuard(["10.0.0.0/33"]), { code: "INVALID_INPUT" });
    assert.throws(() => new SourceGuard(["films/8"]), { code: "INVALID_INPUT" });
  });

  it("lets nothing through that ipaddr.js does not call an ordinary address", async () => {
    const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const long = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((one) => {
      if (one[15] !== undefined && one[15] % 2 === 0) one.set([0x20 | ((one[0] ?? 0) % 32)], 0);
      return one;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, long), async (address) => {
        const parsed = ipaddr.fromByteArray([...address]);
        const host = address.length === 4 ? parsed.toString() : `[${parsed.toString()}]`;
        const passed = await guard.resolve(new URL(`https://${host}/f`)).then(
          () => true,
          () => false,
        );
        if (passed) assert.equal(parsed.range(), "unicast", host);
      }),
      examples(2_000),
    );
  });
});

function leadTo(response: ServerResponse<IncomingMessage>, location: string): void {
  response.writeHead(302, { location }).end();
}

/** Bytes of what might be a film, as many as anybody takes. */
function endless(response: ServerResponse): void {
  function* bytes() {
    yield film.subarray(0, 12);
    for (;;) yield Buffer.alloc(1_000_000);
  }
  Readable.from(bytes())
    .on("error", () => response.destroy())
    .pipe(response);
}

/** Rejects as the stream does. */
async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
