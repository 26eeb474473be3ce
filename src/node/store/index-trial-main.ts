/**
 * A program of its own that has LevelDB write a whole index anew, reads it, and tells its parent what it found:
 * `index-trial-main.js <folder>`. Ends with its parent, so that nobody holds the lock of the folder after it.
 */
import { Database } from "./database.js";
import { errorCode, isEnvironment } from "./errors.js";
import { areBegun, openTables } from "./index-tables.js";
import type { Trial, TrialFailure } from "./index-trial.js";

process.once("disconnect", () => process.exit());
// Ctrl-C and a service's stop reach this process too: its parent decides what they mean.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
process.send?.(await judge(process.argv[2] as string), () => process.disconnect());

async function judge(index: string): Promise<Trial | TrialFailure> {
  let database: Database | undefined;
  try {
    database = await Database.open(index);
    await database.compact();
    const tables = await openTables(database);
    const found = { wrong: await tables.check(), isBegun: await areBegun(tables) };
    await database.close();
    return found;
  } catch (thrown) {
    await database?.close().catch(() => undefined);
    const { message, cause } = thrown as Error;
    const reason = cause instanceof Error ? cause.message : message;
    if (isEnvironment(thrown)) return { code: errorCode(thrown) as string, reason };
    return { wrong: [reason], isBegun: true };
  }
}
