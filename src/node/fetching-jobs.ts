/** Jobs whose source a node still fetches. The mesh log does not know them: the nodes' heartbeats do. */
import type { JobView } from "../coordinator/job-view.js";
import type { Members, NodeSummary } from "./members.js";

/** What stands in a heartbeat of one. */
export interface Fetching {
  job: string;
  name: string;
  /** The address, as people may see it. */
  source: string;
  bytes: number;
  /** 0 while nobody has said. */
  total: number;
  /** Why it is asked for again; "" while bytes come. */
  trouble: string;
  /** Why nothing more is tried; "" while something is. Told for an hour, for who has left meanwhile. */
  givenUp: string;
}

/** What jobs' callers may ask of them. */
export interface FetchingJobs {
  find(job: string): JobView | undefined;
  list(): JobView[];
  /** gRPC address of the node that fetches for a job; undefined when there is none. */
  fetcher(job: string): { id: string; grpc: string } | undefined;
}

/** What this node itself fetches now: its own heartbeat tells of it only at its next beat. */
export interface OwnFetching {
  id: string;
  fetching(): Fetching[];
}

/** `isKnown`: the log has it meanwhile. */
export function fetchingJobs(
  members: Pick<Members, "list">,
  own: OwnFetching,
  isKnown: (job: string) => boolean,
): FetchingJobs {
  const fetchingOf = (node: NodeSummary) => (node.id === own.id ? own.fetching() : node.fetching);
  const rows = () =>
    members
      .list()
      .flatMap((node) => fetchingOf(node).map((fetching) => ({ node, fetching })))
      .filter(({ fetching }) => !isKnown(fetching.job));
  // What one node has given up another may have begun again.
  const find = (job: string) => {
    const all = rows().filter(({ fetching }) => fetching.job === job);
    return all.find(({ fetching }) => fetching.givenUp === "") ?? all[0];
  };
  return {
    find: (job) => {
      const row = find(job);
      return row && view(row);
    },
    list: () => rows().map(view),
    fetcher: (job) => find(job)?.node,
  };
}

function view({ node, fetching }: { node: NodeSummary; fetching: Fetching }): JobView {
  const { job, name, source, bytes, total, trouble, givenUp } = fetching;
  const away = ["lost", "stopped", "unknown"].includes(node.state);
  const reason = `node ${node.name}, which fetches its source, is not heard of; it goes on when the node is back`;
  const counted = { seconds: 0, frames: 0, framesDone: 0, tasks: 0, tasksDone: 0, speed: 0, bytes: 0 };
  const much = total === 0 ? `${bytes} bytes` : `${bytes} of ${total} bytes`;
  const told =
    givenUp === "" ? { state: "fetching", reason: away ? reason : trouble } : { state: "failed", reason: givenUp };
  return {
    ...{ id: job, name, asset: "", ...told, submittedMs: 0, endedMs: 0 },
    ...counted,
    ...{ nodes: away ? [] : [node.name], renditions: [], finished: [], term: node.term, priority: 0, paused: false },
    notes: [`${much} of ${source} are on node ${node.name}`],
    playableSeconds: 0,
  };
}
