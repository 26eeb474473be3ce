/**
 * What is held and who owns it, in LevelDB. Owner edges stand both ways, so that each question is a range read:
 *   blobs        sha256                  -> BlobRecord as JSON
 *   blob-owners  sha256 NUL owner        -> ""
 *   owner-blobs  owner NUL sha256        -> ""
 *   owners       owner                   -> milliseconds since 1970 of its first edge
 * Methods that write must not run at the same time as another one; the store sees to that.
 */
import type { BlobReference } from "../../core/work.js";
import type { Change, Table, Tables } from "./tables.js";

/** Times in milliseconds since 1970. */
export interface BlobRecord {
  bytes: number;
  storedAt: number;
  /** When the bytes were last compared with the name; 0: never. */
  verifiedAt: number;
  /** The file's change time (st_ctime) when they were compared: a file with another one has been touched since. */
  changedAt?: number;
  /** When it was last asked for; noted for copies that may be evicted. */
  usedAt?: number;
}

export interface BlobEntry extends BlobReference {
  record: BlobRecord;
}

export class BlobIndex {
  readonly #tables: Tables;
  readonly #blobs: Table<string>;
  readonly #blobOwners: Table<string>;
  readonly #ownerBlobs: Table<string>;
  readonly #owners: Table<string>;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#blobs = tables.text("blobs");
    this.#blobOwners = tables.text("blob-owners");
    this.#ownerBlobs = tables.text("owner-blobs");
    this.#owners = tables.text("owners");
  }

  async find(sha256: string): Promise<BlobReference | undefined> {
    const record = await this.record(sha256);
    return record && { sha256, bytes: record.bytes };
  }

  async record(sha256: string): Promise<BlobRecord | undefined> {
    const text = await this.#blobs.get(sha256);
    return text === undefined ? undefined : (JSON.parse(text) as BlobRecord);
  }

  /** Every blob, by name in ascending order. */
  async *entries(): AsyncGenerator<BlobEntry> {
    for await (const [sha256, text] of this.#blobs.rows()) {
      const record = JSON.parse(text) as BlobRecord;
      yield { sha256, bytes: record.bytes, record };
    }
  }

  /** Up to `limit` blobs, those whose bytes were compared with their names the longest ago first. */
  async oldestVerified(limit: number): Promise<{ sha256: string; bytes: number; verifiedAt: number }[]> {
    let oldest: { sha256: string; bytes: number; verifiedAt: number }[] = [];
    const shorten = () => {
      oldest = oldest.sort((one, other) => one.verifiedAt - other.verifiedAt).slice(0, limit);
    };
    for await (const { sha256, bytes, record } of this.entries()) {
      oldest.push({ sha256, bytes, verifiedAt: record.verifiedAt });
      if (oldest.length >= 2 * limit) shorten();
    }
    shorten();
    return oldest;
  }

  async owners(beginning: string): Promise<{ owner: string; since: number }[]> {
    const range = beginning === "" ? {} : { gte: beginning, lt: `${beginning}\u{10ffff}` };
    return (await this.#owners.rows(range).all()).map(([owner, since]) => ({ owner, since: Number(since) }));
  }

  /** Enters blobs with their first owner. */
  async add(blobs: BlobEntry[], owner: string, now: number): Promise<void> {
    const changes = blobs.flatMap(({ sha256, record }) => [
      this.#blobs.put(sha256, JSON.stringify(record)),
      ...this.#edge(sha256, owner),
    ]);
    await this.#tables.commit([...changes, ...(await this.#owner(owner, now))]);
  }

  /** Adds an owner to a blob that is held. */
  async own(sha256: string, owner: string, now: number): Promise<void> {
    if ((await this.#blobOwners.get(`${sha256}\0${owner}`)) !== undefined) return;
    await this.#tables.commit([...this.#edge(sha256, owner), ...(await this.#owner(owner, now))]);
  }

  /**
   * Takes the owner from up to `limit` of its blobs and the entries of those that nobody else owns. Returns these,
   * and whether the owner has more.
   */
  async release(owner: string, limit: number): Promise<{ ownerless: BlobReference[]; more: boolean }> {
    const edges = await this.#ownerBlobs.keys({ ...startingWith(owner), limit }).all();
    const changes: Change[] = [];
    const ownerless: BlobReference[] = [];
    for (const edge of edges) {
      const sha256 = edge.slice(owner.length + 1);
      changes.push(...this.#withoutEdge(sha256, owner));
      if ((await this.#blobOwners.keys({ ...startingWith(sha256), limit: 2 }).all()).length > 1) continue;
      changes.push(this.#blobs.del(sha256));
      const held = await this.find(sha256);
      if (held !== undefined) ownerless.push(held);
    }
    const more = edges.length === limit;
    if (!more) changes.push(this.#owners.del(owner));
    await this.#tables.commit(changes);
    return { ownerless, more };
  }

  /** Takes the owner from these blobs and the entries of those that nobody else owns. Returns these. */
  async disown(blobs: string[], owner: string): Promise<BlobReference[]> {
    const changes: Change[] = [];
    const ownerless: BlobReference[] = [];
    for (const sha256 of blobs) {
      const owners = await this.ownersOf(sha256);
      if (!owners.includes(owner)) continue;
      changes.push(...this.#withoutEdge(sha256, owner));
      if (owners.length > 1) continue;
      changes.push(this.#blobs.del(sha256));
      const held = await this.find(sha256);
      if (held !== undefined) ownerless.push(held);
    }
    await this.#tables.commit(changes);
    const left = await this.#ownerBlobs.keys({ ...startingWith(owner), limit: 1 }).all();
    if (left.length === 0) await this.#tables.commit([this.#owners.del(owner)]);
    return ownerless;
  }

  /** Who owns a blob. */
  async ownersOf(sha256: string): Promise<string[]> {
    const edges = await this.#blobOwners.keys(startingWith(sha256)).all();
    return edges.map((edge) => edge.slice(sha256.length + 1));
  }

  /** Changes records; those of blobs that are not held are passed over. */
  async note(changes: Map<string, Partial<BlobRecord>>): Promise<void> {
    const written: Change[] = [];
    for (const [sha256, change] of changes) {
      const record = await this.record(sha256);
      if (record !== undefined) written.push(this.#blobs.put(sha256, JSON.stringify({ ...record, ...change })));
    }
    await this.#tables.commit(written);
  }

  /** Blobs that owners which begin so own, and nobody else; the least recently used first. */
  async ownedOnlyBy(beginning: string): Promise<BlobReference[]> {
    const found = new Map<string, BlobReference & { usedAt: number }>();
    for (const { owner } of await this.owners(beginning)) {
      for await (const edge of this.#ownerBlobs.keys(startingWith(owner))) {
        const sha256 = edge.slice(owner.length + 1);
        if (found.has(sha256) || !(await this.isOwnedOnlyBy(sha256, beginning))) continue;
        const record = await this.record(sha256);
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

  /** Removes a blob with all its edges, as if it had never been stored; returns who owned it. */
  async drop(sha256: string): Promise<string[]> {
    const changes: Change[] = [this.#blobs.del(sha256)];
    const owners = await this.ownersOf(sha256);
    for (const owner of owners) {
      changes.push(...this.#withoutEdge(sha256, owner));
      const last = (await this.#ownerBlobs.keys({ ...startingWith(owner), limit: 2 }).all()).length < 2;
      if (last) changes.push(this.#owners.del(owner));
    }
    await this.#tables.commit(changes);
    return owners;
  }

  #edge(sha256: string, owner: string): Change[] {
    return [this.#blobOwners.put(`${sha256}\0${owner}`, ""), this.#ownerBlobs.put(`${owner}\0${sha256}`, "")];
  }

  async #owner(owner: string, now: number): Promise<Change[]> {
    return (await this.#owners.get(owner)) === undefined ? [this.#owners.put(owner, String(now))] : [];
  }

  #withoutEdge(sha256: string, owner: string): Change[] {
    return [this.#blobOwners.del(`${sha256}\0${owner}`), this.#ownerBlobs.del(`${owner}\0${sha256}`)];
  }
}

/** The range of composed keys whose first part is this one. */
function startingWith(first: string): { gt: string; lt: string } {
  return { gt: `${first}\0`, lt: `${first}\x01` };
}
