/** Being told when an AbortSignal fires. */

/** What waits for a signal; a place that is free holds nothing. */
interface Waiting {
  actions: ((() => void) | undefined)[];
  free: number[];
}

const waiting = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls the action once when the signal fires, or at once when it has fired; what this returns takes it back. For signals
 * that outlive what listens to them, those of a reign, a connection, a node: the signal has one listener, however many
 * wait, so nothing warns of eleven, and coming and going takes no search.
 */
export function onAbort(signal: AbortSignal | undefined, action: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    action();
    return () => {};
  }
  const { actions, free } = waiting.get(signal) ?? listenTo(signal);
  const place = free.pop() ?? actions.length;
  actions[place] = action;
  let waits = true;
  return () => {
    if (!waits) return;
    waits = false;
    actions[place] = undefined;
    free.push(place);
  };
}

/** One listener, however many wait. */
function listenTo(signal: AbortSignal): Waiting {
  const made: Waiting = { actions: [], free: [] };
  waiting.set(signal, made);
  const fire = () => {
    for (const action of made.actions.splice(0)) action?.();
  };
  signal.addEventListener("abort", fire, { once: true });
  return made;
}
