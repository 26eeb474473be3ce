/** Which nats-server will do. */

/** Older servers let two writers win the same sequence: see docs/adr/0001-mesh-log-and-election.md. */
const OLDEST = [2, 10] as const;

/** Why a server of this version is refused, and what to do; undefined when it will do. `which` names the server. */
export function refuseVersion(which: string, version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return (
    `${which} is version ${version}: its compare-and-set lets two coordinators win at once. Use nats-server ` +
    `${OLDEST.join(".")} or newer (scripts/setup.sh fetches one, REELMESH_NATS_SERVER names one)`
  );
}
