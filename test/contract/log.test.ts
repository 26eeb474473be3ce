import { connectBus } from "../../src/node/nats/bus.js";
import { openMeshLog } from "../../src/node/nats/mesh-log.js";
import { startNats } from "../support/nats.js";
import { describeMeshLog } from "./log.contract.js";

describeMeshLog("JetStream", async () => {
  const { url, server } = await startNats();
  const buses = await Promise.all([1, 2, 3].map(() => connectBus([url], "test")));
  return {
    handles: await Promise.all(buses.map(openMeshLog)),
    close: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
      await server.stop();
    },
  };
});
