import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { ReelmeshError } from "../core/errors.js";
import type { NodeConfig } from "../node/config.js";
import { GRPC_PORT } from "./address.js";
import { addressArgument, amount, commaSeparated, example, wholeNumber } from "./options.js";
import { onStopSignals } from "./stop-signals.js";

/** The peers' port stands this far above the viewers' unless it is given. */
const PEER_PORT_DISTANCE = 100;

/** Everything has stopped: whatever keeps the process for longer than this is of no use. */
const LINGER_MS = 1_000;

/** The options as commander gives them: NodeConfig, but for what depends on another option. */
export type UpOptions = Omit<NodeConfig, "peerPort"> & { peerPort?: number; grace: number };

export function addUp(program: Command): void {
  const port = (flag: string, what: string, value?: number) => {
    const option = setting(`--${flag} <port>`, `port for ${what}; 0 picks a free one`).argParser(wholeNumber(0, 65535));
    return value === undefined ? option : option.default(value);
  };
  program
    .command("up")
    .description("run a node on this machine, alone or as part of a mesh; every option can come from the environment")
    .addOption(setting("--data <folder>", "where the node keeps everything").default(join(homedir(), ".reelmesh")))
    .addOption(setting("--name <name>", "name of the node").argParser(nodeName).default(defaultName()))
    .addOption(
      setting("--join <host[:port]>", "a node of the mesh to join").argParser(addressArgument).conflicts("nats"),
    )
    .addOption(
      setting("--nats <urls>", "your own NATS servers, with commas, instead of the node's").argParser(
        commaSeparated((url) => url),
      ),
    )
    .addOption(
      setting(
        "--new-core",
        "begin the mesh anew from what this node knows: most NATS servers are gone for good",
      ).conflicts(["nats", "join"]),
    )
    .addOption(setting("--listen <host>", "address to listen on (default: this machine only)"))
    .addOption(setting("--advertise <host>", "host that others reach this node by (default: the address listened on)"))
    .addOption(port("grpc-port", "gRPC", GRPC_PORT))
    .addOption(port("http-port", "viewers", 7480))
    .addOption(port("peer-port", "other nodes and uploads (default: the viewers' port + 100)"))
    .addOption(port("nats-port", "the node's own NATS server", 7422))
    .addOption(
      setting("--slots <n>", 'encodes at once; "auto" grows and shrinks by measured speed and memory')
        .argParser(slotCount)
        .default("auto"),
    )
    .addOption(
      setting("--grace <seconds>", "at SIGTERM, how long running tasks may go on; Ctrl-C hands them back at once")
        .argParser(wholeNumber(0, 86_400))
        .default(10),
    )
    .addOption(port("route-port", "its links to the other NATS servers of the mesh", 7424))
    .addOption(
      setting("--core-patience <seconds>", "how long a node that runs NATS may be away before another takes over")
        .argParser(wholeNumber(1, 86_400))
        .default(300),
    )
    .addOption(
      setting("--upload-limit <bytes>", "largest source that is taken, such as 64G")
        .argParser(amount)
        .default(64e9, "64G"),
    )
    .addOption(
      setting("--upload-token-file <file>", "take uploads at the viewers' address too, from who shows the token in it"),
    )
    .addOption(
      setting(
        "--allow-source <hosts>",
        "hosts and networks that sources may be fetched from though they are not public",
      )
        .argParser(commaSeparated((host) => host))
        .default([], "none"),
    )
    .addOption(
      setting("--s3-endpoint <url>", "an S3 server of your own, for s3:// sources (default: Amazon's)").argParser(
        webAddress,
      ),
    )
    .addOption(
      setting("--s3-region <region>", "its region").default(
        process.env["AWS_REGION"] ?? "us-east-1",
        "AWS_REGION, or us-east-1",
      ),
    )
    .addOption(
      setting("--replicas <n>", "copies of each file where there are more than five nodes; the mesh keeps the highest")
        .argParser(wholeNumber(1, 100))
        .default(3),
    )
    .addOption(
      setting("--copy-patience <seconds>", "how long a node may be away before its copies are made elsewhere")
        .argParser(wholeNumber(1, 86_400))
        .default(300),
    )
    .addOption(
      setting("--quota <bytes>", "how much blobs may take, such as 500G; copies give way to what only this node keeps")
        .argParser(amount)
        .default(Number.POSITIVE_INFINITY, "what the disk has"),
    )
    .addOption(
      setting("--scrub-rate <MB/s>", "how fast blobs are read to compare them with their names; 0 turns it off")
        .argParser(wholeNumber(0, 100_000))
        .default(10),
    )
    .addOption(
      setting("--scrub-every <hours>", "how often each blob is compared; 0 goes on without a pause")
        .argParser(wholeNumber(0, 87_600))
        .default(168),
    )
    .addOption(
      setting("--log <format>", "form of the log")
        .choices(["json", "pretty"])
        .default(process.stdout.isTTY ? "pretty" : "json", "pretty on a terminal, json elsewhere"),
    )
    .addOption(setting("--tls-cert <file>", "certificate for viewers, PEM: they then use HTTPS and HTTP/2"))
    .addOption(setting("--tls-key <file>", "its key; both are read again when the files change"))
    .addOption(setting("--access-log <file>", 'viewers\' requests in the combined format; "-" for standard output'))
    .addOption(
      setting("--send-file <header>", "the server in front sends files itself: see examples/nginx").choices([
        "x-accel-redirect",
        "x-sendfile",
      ]),
    )
    .addOption(
      setting("--purge <urls>", "caches to tell when an asset has gone, with commas: see examples/varnish").argParser(
        commaSeparated(cacheUrl),
      ),
    )
    .addHelpText(
      "after",
      example(
        "reelmesh up",
        "reelmesh up --join 10.0.0.7 --listen 10.0.0.8",
        "reelmesh up --name b --data ~/b --join 127.0.0.1 --grpc-port 0 --http-port 0 --peer-port 0 --nats-port 0 --route-port 0   # one more on this machine",
      ),
    )
    .action(up);
}

/** What `runNode` is given. INVALID_INPUT when the options do not fit each other. */
export function nodeConfig({ peerPort, grace: _grace, ...options }: UpOptions): NodeConfig {
  const beside = options.httpPort === 0 ? 0 : options.httpPort + PEER_PORT_DISTANCE;
  if (peerPort === undefined && beside > 65535) {
    throw new ReelmeshError("INVALID_INPUT", `no port is left above --http-port ${options.httpPort}; give --peer-port`);
  }
  const { tlsCert, tlsKey, accessLog } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new ReelmeshError("INVALID_INPUT", "--tls-cert and --tls-key go together: give both, or neither");
  }
  const files = {
    ...(tlsCert && tlsKey ? { tlsCert: resolve(tlsCert), tlsKey: resolve(tlsKey) } : {}),
    ...(accessLog ? { accessLog: accessLog === "-" ? accessLog : resolve(accessLog) } : {}),
  };
  return { ...options, ...files, data: resolve(options.data), peerPort: peerPort ?? beside };
}

async function up(options: UpOptions): Promise<void> {
  const config = nodeConfig(options);
  let graceMs = 0;
  const stop = new AbortController();
  const kill = new AbortController();
  const release = onStopSignals(
    ["SIGINT", "SIGTERM"],
    (signal) => {
      if (signal === "SIGTERM") graceMs = options.grace * 1000;
      stop.abort();
    },
    () => kill.abort(),
  );
  try {
    // Loaded here: the other commands start faster without a node's parts.
    const { runNode } = await import("../node/main.js");
    await runNode(config, { stop: stop.signal, graceMs: () => graceMs, kill: kill.signal });
  } finally {
    release();
    // The NATS client (2.29.3) never lets go of a connection that a server took without a word, as one that hangs does.
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }
}

/** An option with its twin in the environment: --grpc-port is REELMESH_GRPC_PORT. */
function setting(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.env(`REELMESH_${option.name().toUpperCase().replaceAll("-", "_")}`);
}

function cacheUrl(text: string): string {
  if (/^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : "")) return text;
  throw new InvalidArgumentError(`"${text}" is no URL of a cache: write http://host:port/`);
}

function nodeName(text: string): string {
  if (/^[A-Za-z0-9_-]{1,63}$/.test(text)) return text;
  throw new InvalidArgumentError("Write 1 to 63 letters, digits, - and _.");
}

function webAddress(text: string): string {
  if (/^https?:\/\/[^/\s@]+\/?$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("Write an address such as https://s3.example.org:9000.");
}

/** The machine's name without its domain, made to fit. */
function defaultName(): string {
  const name = hostname().split(".")[0] ?? "";
  return name.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 63) || "node";
}

const slots = wholeNumber(1, 256);

function slotCount(text: string): number | "auto" {
  return text === "auto" ? text : slots(text);
}
