/** The virtual log stands for the real one: it does all that the contract asks. */
import { setImmediate as turn } from "node:timers/promises";
import { describeMeshLog } from "../contract/log.contract.js";
import { Network } from "./network.js";
import { Random } from "./random.js";
import { VirtualBus } from "./virtual-bus.js";
import { Process, VirtualTime } from "./virtual-time.js";

describeMeshLog("the simulator's", async () => {
  const time = new VirtualTime();
  const random = new Random(1);
  const network = new Network(time, random);
  const bus = new VirtualBus({ time, network, random, servers: ["bus"], committed: () => {} });
  const process = new Process();
  let open = true;
  const driven = (async () => {
    while (open) {
      await time.run(
        time.now + 10,
        () => {},
        () => !open,
      );
      await turn();
    }
  })();
  return {
    handles: ["a", "b", "c"].map((place) => bus.connect(place, process)),
    restart: async () => {
      bus.power("bus", false);
      bus.power("bus", true);
    },
    wipe: async () => bus.wipe(),
    close: async () => {
      open = false;
      await driven;
    },
  };
});
