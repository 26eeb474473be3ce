/**
 * What is held and who owns it, in LevelDB. Owner edges stand both ways, so that each question is a range read:
 *   blobs        sha256                  -> BlobRecord
 *   blob-owners  sha256 NUL owner        -> ""
 *   owner-blobs  owner NUL sha256        -> ""
 *   owners       owner                   -> milliseconds since 1970 of its first edge
 * Methods that write must not run at the same time as another one; the store sees to that.
 */
import type { BlobReference } from "../../core/work.js";
import type { BatchOperation, Database } from "./database.js";

/** Milliseconds since 1970. */
interface BlobRecord {
  bytes: number;
  storedAt: number;
  /** When the bytes were last compared with the name. */
  verifiedAt: number;
  /** When it was last asked for; noted for copies that may be evicted. */
  usedAt?: number;
}

export class BlobIndex {
  readonly #database: Database;
  readonly #blobs;
  readonly #blobOwners;
  readonly #ownerBlobs;
  readonly #owners;

  constructor(database: Database) {
    this.#database = database;
    this.#blobs = database.sublevel<string, BlobRecord>("blobs", { valueEncoding: "json" });
    this.#blobOwners = database.sublevel("blob-owners");
    this.#ownerBlobs = database.sublevel("owner-blobs");
    this.#owners = database.sublevel<string, number>("owners", { valueEncoding: "json" });
  }

  async find(sha256: string): Promise<BlobReference | undefined> {
    const record = await this.#blobs.get(sha256);
    return record && { sha256, bytes: record.bytes };
  }

  /** Every blob, by name in ascending order. */
  async *entries(): AsyncGenerator<BlobReference> {
    for await (const [sha256, record] of this.#blobs.iterator()) yield { sha256, bytes: record.bytes };
  }

  async owners(beginning: string): Promise<{ owner: string; since: number }[]> {
    const range = beginning === "" ? {} : { gte: beginning, lt: `${beginning}\u{10ffff}` };
    return (await this.#owners.iterator(range).all()).map(([owner, since]) => ({ owner, since }));
  }

  /** Enters a blob together with its first owner. */
  async add({ sha256, bytes }: BlobReference, owner: string, now: number): Promise<void> {
    const value: BlobRecord = { bytes, storedAt: now, verifiedAt: now };
    const entry: BatchOperation = { type: "put", sublevel: this.#blobs, key: sha256, value };
    await this.#database.batch<string, unknown>([entry, ...(await this.#edge(sha256, owner, now))], {});
  }

  /** Adds an owner to a blob that is held. */
  async own(sha256: string, owner: string, now: number): Promise<void> {
    await this.#database.batch<string, unknown>(await this.#edge(sha256, owner, now), {});
  }

  /**
   * Takes the owner from up to `limit` of its blobs and the entries of those that nobody else owns. Returns these,
   * and whether the owner has more.
   */
  async release(owner: string, limit: number): Promise<{ ownerless: BlobReference[]; more: boolean }> {
    const edges = await this.#ownerBlobs.keys({ ...startingWith(owner), limit }).all();
    const operations: BatchOperation[] = [];
    const ownerless: BlobReference[] = [];
    for (const edge of edges) {
      const sha256 = edge.slice(owner.length + 1);
      operations.push(...this.#withoutEdge(sha256, owner));
      if ((await this.#blobOwners.keys({ ...startingWith(sha256), limit: 2 }).all()).length > 1) continue;
      operations.push({ type: "del", sublevel: this.#blobs, key: sha256 });
      const held = await this.find(sha256);
      if (held !== undefined) ownerless.push(held);
    }
    const more = edges.length === limit;
    if (!more) operations.push({ type: "del", sublevel: this.#owners, key: owner });
    await this.#database.batch<string, unknown>(operations, {});
    return { ownerless, more };
  }

  /** Takes the owner from these blobs and the entries of those that nobody else owns. Returns these. */
  async disown(blobs: string[], owner: string): Promise<BlobReference[]> {
    const operations: BatchOperation[] = [];
    const ownerless: BlobReference[] = [];
    for (const sha256 of blobs) {
      const owners = await this.ownersOf(sha256);
      if (!owners.includes(owner)) continue;
      operations.push(...this.#withoutEdge(sha256, owner));
      if (owners.length > 1) continue;
      operations.push({ type: "del", sublevel: this.#blobs, key: sha256 });
      const held = await this.find(sha256);
      if (held !== undefined) ownerless.push(held);
    }
    await this.#database.batch<string, unknown>(operations, {});
    const left = await this.#ownerBlobs.keys({ ...startingWith(owner), limit: 1 }).all();
    if (left.length === 0) await this.#owners.del(owner);
    return ownerless;
  }

  /** Who owns a blob. */
  async ownersOf(sha256: string): Promise<string[]> {
    const edges = await this.#blobOwners.keys(startingWith(sha256)).all();
    return edges.map((edge) => edge.slice(sha256.length + 1));
  }

  /** Notes when blobs were last used; those that are not held are passed over. */
  async used(times: Map<string, number>): Promise<void> {
    const operations: BatchOperation[] = [];
    for (const [sha256, usedAt] of times) {
      const record = await this.#blobs.get(sha256);
      if (record === undefined) continue;
      operations.push({ type: "put", sublevel: this.#blobs, key: sha256, value: { ...record, usedAt } });
    }
    await this.#database.batch<string, unknown>(operations, {});
  }

  /** Blobs that owners which begin so own, and nobody else; the least recently used first. */
  async ownedOnlyBy(beginning: string): Promise<BlobReference[]> {
    const found = new Map<string, BlobReference & { usedAt: number }>();
    for (const { owner } of await this.owners(beginning)) {
      for await (const edge of this.#ownerBlobs.keys(startingWith(owner))) {
        const sha256 = edge.slice(owner.length + 1);
        if (found.has(sha256) || !(await this.isOwnedOnlyBy(sha256, beginning))) continue;
        const record = await this.#blobs.get(sha256);
        if (record === undefined) continue;
        found.set(sha256, { sha256, bytes: record.bytes, usedAt: record.usedAt ?? record.storedAt });
      }
    }
    const oldestFirst = [...found.values()].sort((one, other) => one.usedAt - other.usedAt);
    return oldestFirst.map(({ sha256, bytes }) => ({ sha256, bytes }));
  }

  async isOwnedOnlyBy(sha256: string, beginning: string): Promise<boolean> {
    const owners = await this.ownersOf(sha256);
    return owners.length > 0 && owners.every((owner) => owner.startsWith(beginning));
  }

  /** Removes a blob with all its edges, as if it had never been stored. */
  async drop(sha256: string): Promise<void> {
    const operations: BatchOperation[] = [{ type: "del", sublevel: this.#blobs, key: sha256 }];
    for (const owner of await this.ownersOf(sha256)) {
      operations.push(...this.#withoutEdge(sha256, owner));
      const last = (await this.#ownerBlobs.keys({ ...startingWith(owner), limit: 2 }).all()).length < 2;
      if (last) operations.push({ type: "del", sublevel: this.#owners, key: owner });
    }
    await this.#database.batch<string, unknown>(operations, {});
  }

  async #edge(sha256: string, owner: string, now: number): Promise<BatchOperation[]> {
    const edges: BatchOperation[] = [
      { type: "put", sublevel: this.#blobOwners, key: `${sha256}\0${owner}`, value: "" },
      { type: "put", sublevel: this.#ownerBlobs, key: `${owner}\0${sha256}`, value: "" },
    ];
    if ((await this.#owners.get(owner)) !== undefined) return edges;
    return [...edges, { type: "put", sublevel: this.#owners, key: owner, value: now }];
  }

  #withoutEdge(sha256: string, owner: string): BatchOperation[] {
    return [
      { type: "del", sublevel: this.#blobOwners, key: `${sha256}\0${owner}` },
      { type: "del", sublevel: this.#ownerBlobs, key: `${owner}\0${sha256}` },
    ];
  }
}

/** The range of composed keys whose first part is this one. */
function startingWith(first: string): { gt: string; lt: string } {
  return { gt: `${first}\0`, lt: `${first}\x01` };
}
