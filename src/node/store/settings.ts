/** What a node remembers between starts: its id, its mesh. */
import type { Database } from "./database.js";
import { storeError } from "./errors.js";

export interface Settings {
  /** A value that was put, or undefined. */
  get(name: string): Promise<unknown>;
  /** Keeps a JSON value; it is on the disk when this returns. */
  put(name: string, value: unknown): Promise<void>;
}

export function openSettings(database: Database, folder: string): Settings {
  const values = database.sublevel<string, unknown>("settings", { valueEncoding: "json" });
  const rethrow = (thrown: unknown): never => {
    throw storeError(thrown, folder);
  };
  return {
    get: (name) => values.get(name).catch(rethrow),
    put: (name, value) =>
      database.batch([{ type: "put", sublevel: values, key: name, value }], { sync: true }).catch(rethrow),
  };
}
