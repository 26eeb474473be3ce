/** The arrivals as a store of @tus/server: what the protocol calls an upload is an arrival without a remote source. */
import type { Readable } from "node:stream";
import { DataStore, Upload } from "@tus/server";
import { ReelmeshError } from "../../core/errors.js";
import { withoutStall } from "../without-stall.js";
import { type Arrivals, EXPIRY_MS } from "./arrivals.js";
import type { Arrival } from "./records.js";

/** A client that sends no byte of its upload for so long has gone away, in milliseconds. */
const STALL_MS = 60_000;

/** What a client's words about its upload mean. */
type Describe = (
  id: string,
  bytes: number,
  metadata: Record<string, string | null>,
) => Pick<Arrival, "job" | "kind" | "submission">;

export class ArrivalsStore extends DataStore {
  readonly #arrivals: Arrivals;
  override extensions = ["creation", "creation-with-upload", "expiration", "termination"];

  readonly #describe: Describe;

  constructor(arrivals: Arrivals, describe: Describe) {
    super();
    this.#arrivals = arrivals;
    this.#describe = describe;
  }

  /** By its id. NOT_FOUND. */
  find(id: string): Arrival {
    const arrival = this.#arrivals.find(id);
    if (arrival !== undefined && arrival.remote === undefined) return arrival;
    throw new ReelmeshError("NOT_FOUND", "no such upload is under way on this node; send it again from its beginning");
  }

  override async create(upload: Upload): Promise<Upload> {
    const { id, size = 0, metadata = {} } = upload;
    const described = this.#describe(id, size, metadata);
    const known = this.#arrivals.find(id);
    const goesOn = known !== undefined && known.blob === undefined && known.verdict === undefined;
    if (goesOn) return upload;
    if (known !== undefined) await this.#arrivals.remove(id);
    await this.#arrivals.add({ id, expected: size, metadata, ...described });
    return upload;
  }

  override async write(stream: Readable, id: string): Promise<number> {
    const arrival = this.find(id);
    const stalled = () =>
      new ReelmeshError("UNAVAILABLE", `the upload gave no bytes for ${STALL_MS / 1000} s; go on with it`);
    await this.#arrivals.append(arrival, withoutStall(stream, STALL_MS, stalled));
    return this.#arrivals.length(arrival);
  }

  override async getUpload(id: string): Promise<Upload> {
    const arrival = this.find(id);
    const { metadata, expected, touched } = arrival;
    const offset = await this.#arrivals.length(arrival);
    // It expires by when it last grew, and the library counts from when it was made.
    const creation_date = new Date(touched).toISOString();
    return new Upload({
      id,
      offset,
      creation_date,
      ...(metadata && { metadata }),
      ...(expected !== null && { size: expected }),
    });
  }

  override async remove(id: string): Promise<void> {
    await this.#arrivals.remove(this.find(id).id);
  }

  override getExpiration(): number {
    return EXPIRY_MS;
  }

  override deleteExpired(): Promise<number> {
    return this.#arrivals.sweep();
  }
}
