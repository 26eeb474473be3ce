/**
 * The wire contract at run time: the services and messages of proto/reelmesh/v1, typed by src/gen. The options are
 * those of scripts/generate.sh, so that what is decoded has the shape that the types say.
 */
import { join } from "node:path";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";
import { ReelmeshError } from "../core/errors.js";
import type { LogEntry } from "../core/facts.js";
import type { AssetsDefinition } from "../gen/reelmesh/v1/Assets.js";
import type { CoordinatorDefinition } from "../gen/reelmesh/v1/Coordinator.js";
import type { JobsDefinition } from "../gen/reelmesh/v1/Jobs.js";
import type { LogEntry__Output } from "../gen/reelmesh/v1/LogEntry.js";
import type { NodeDefinition } from "../gen/reelmesh/v1/Node.js";
import type { NodeSummary__Output } from "../gen/reelmesh/v1/NodeSummary.js";
import { packageRoot } from "./paths.js";

/** Everything that proto/reelmesh/v1 defines, by full name. */
export const packageDefinition = loadSync(
  ["coordinator", "jobs", "log", "node"].map((name) => `reelmesh/v1/${name}.proto`),
  {
    keepCase: false,
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
    includeDirs: [join(packageRoot, "proto")],
  },
);

/** The services: their methods carry paths and codecs, for clients and servers alike. */
export const services = {
  Node: find<NodeDefinition>("Node"),
  Jobs: find<JobsDefinition>("Jobs"),
  Assets: find<AssetsDefinition>("Assets"),
  Coordinator: find<CoordinatorDefinition>("Coordinator"),
};

/** A message to bytes and back. `decode` throws CORRUPT when the bytes are no such message. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** A node's heartbeat. */
export const nodeSummaryCodec = codec<NodeSummary__Output>("NodeSummary");

const plainLogEntryCodec = codec<LogEntry__Output>("LogEntry");

/** An entry of the mesh log; one of a kind that this version does not know is CORRUPT. */
export const logEntryCodec: Codec<LogEntry> = {
  encode: (entry) => plainLogEntryCodec.encode(entry),
  decode(bytes) {
    const entry = plainLogEntryCodec.decode(bytes);
    if (entry.kind === undefined) {
      throw new ReelmeshError("CORRUPT", `log entry ${entry.id} is of no known kind; is its writer a newer version?`);
    }
    return entry as unknown as LogEntry;
  },
};

/** The types of src/gen are generated from the same files, which the compiler cannot know. */
function find<Definition>(name: string): Definition {
  return packageDefinition[`reelmesh.v1.${name}`] as unknown as Definition;
}

function codec<T>(message: string): Codec<T> {
  const definition = find<MessageTypeDefinition<T, T>>(message);
  return {
    encode: (value) => definition.serialize(value),
    decode(bytes) {
      try {
        return definition.deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      } catch (cause) {
        const problem = `${bytes.byteLength} bytes are no ${message} of reelmesh.v1`;
        throw new ReelmeshError("CORRUPT", problem, { cause });
      }
    },
  };
}
