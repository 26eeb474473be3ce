/**
 * The nodes that serve this asset. Every request may go to any of them: the one that answered last is asked first, and
 * Shaka Player turns to the next when one fails.
 */
const REFRESH_MS = 10_000;

export class Hosts {
  /** @param {string[]} allowed addresses ("host:port") that the page's policy lets it ask. */
  constructor(allowed) {
    this.order = [...new Set([location.host, ...allowed])];
    this.allowed = new Set(this.order);
    this.refresh = this.refresh.bind(this);
    this.timer = setInterval(this.refresh, REFRESH_MS);
  }

  /** The same path on every node, the best first. */
  urls(path) {
    return this.order.map((host) => `${location.protocol}//${host}${path}`);
  }

  worked(url) {
    const { host } = new URL(url, location.href);
    if (host === this.order[0] || !this.allowed.has(host)) return;
    this.order = [host, ...this.order.filter((other) => other !== host)];
  }

  /** The answer of the first node that has it. */
  async fetch(path) {
    let failure;
    for (const url of this.urls(path)) {
      try {
        const response = await fetch(url, { referrerPolicy: "no-referrer", credentials: "omit" });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        this.worked(url);
        return response;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** Nodes that are known to be away go to the end, and stay there as a last resort. */
  async refresh() {
    try {
      const { nodes } = await (await this.fetch("/watch/nodes.json")).json();
      const there = new Set(nodes);
      const [first, ...others] = this.order;
      const rank = (host) => (there.has(host) ? 0 : 1);
      this.order = [first, ...others.sort((one, other) => rank(one) - rank(other))];
    } catch {
      // Asked again soon; what is known goes on.
    }
  }

  /** Sends every request of a player for the nodes' files to whichever node answers. */
  serve(player) {
    const engine = player.getNetworkingEngine();
    engine.registerRequestFilter((_type, request) => {
      const url = new URL(request.uris[0], location.href);
      if (this.allowed.has(url.host)) request.uris = this.urls(url.pathname + url.search);
    });
    engine.registerResponseFilter((_type, response) => this.worked(response.uri));
  }
}
