/** What goes wrong, and when it is over. */
import type { Machine } from "./machine.js";
import type { Fault, Profile } from "./profile.js";
import type { World } from "./world.js";

export class Faults {
  readonly #world: World;
  readonly #profile: Profile;
  readonly #heals = new Set<() => void>();
  #over = false;

  constructor(world: World, profile: Profile) {
    this.#world = world;
    this.#profile = profile;
  }

  begin(): void {
    const { time, random } = this.#world;
    const { faults, pace } = this.#profile;
    if (faults.length === 0) return;
    const next = () => {
      if (this.#over) return;
      this.#strike(random.pick(faults));
      time.after(random.between(pace / 10, pace), next);
    };
    time.after(random.between(0, pace), next);
  }

  /** Ends every fault, and starts what is down. */
  healAll(): void {
    this.#over = true;
    for (const heal of [...this.#heals]) heal();
    for (const machine of this.#world.machines) {
      machine.disk.dieAfterWrites = 0;
      machine.start();
    }
  }

  #strike(fault: Fault): void {
    const { random, machines } = this.#world;
    const machine = random.pick(machines);
    const leader = this.#world.leader() ?? machine;
    if (fault === "crash") this.#world.crash(machine);
    else if (fault === "crash leader") this.#world.crash(leader);
    else if (fault === "die at a write") this.#dieAtWrite(machine);
    else if (fault === "power cut") this.#world.powerCut();
    else if (fault === "stop") this.#world.stop(machine);
    else if (fault === "freeze") this.#freeze(machine);
    else if (fault === "freeze leader") this.#freeze(leader);
    else if (fault === "wall clock") this.#wallClock(machine);
    else if (fault === "intruder") this.#world.intrude();
    else if (fault === "lost log") this.#world.loseLog();
    else if (fault === "lost machine") this.#world.loseMachine(machine);
    else if (fault === "storm") this.#storm();
    else if (fault === "bus outage") this.#busOutage();
    else this.#cut(fault, fault === "cut off leader" ? leader : machine);
  }

  #dieAtWrite(machine: Machine): void {
    machine.disk.dieAfterWrites = this.#world.random.whole(1, 4);
    this.#world.trace(machine.id, "dies at a write", { writes: machine.disk.dieAfterWrites });
  }

  #wallClock(machine: Machine): void {
    machine.wallError = this.#world.random.pick([-3_600_000, 0, 3_600_000]);
    this.#world.trace(machine.id, "wall clock jumps", { error: machine.wallError });
  }

  #freeze(machine: Machine): void {
    const { node } = machine;
    if (node === undefined || node.process.frozen) return;
    node.process.frozen = true;
    const { time, random } = this.#world;
    this.#last("freeze", [machine], random.pick([1_000, 6_000, 20_000, 40_000]), () => {
      if (node.process.alive) time.thaw(node.process);
    });
  }

  #storm(): void {
    const { network, random, machines } = this.#world;
    const was = network.weather;
    network.weather = {
      delay: random.pick([5, 50, 200, 600]),
      loss: random.pick([0, 0.01, 0.1, 0.3]),
      repeats: random.pick([0, 0.1, 0.5]),
    };
    this.#last(`storm ${JSON.stringify(network.weather)}`, machines, random.between(2_000, 20_000), () => {
      network.weather = was;
    });
  }

  #busOutage(): void {
    const { bus, random, machines, serverPlaces } = this.#world;
    const down = serverPlaces.slice(0, random.whole(1, serverPlaces.length));
    for (const place of down) bus.power(place, false);
    this.#last("bus outage", machines, random.between(500, 15_000), () => {
      for (const place of down) if (this.#world.isPowered(place)) bus.power(place, true);
    });
  }

  #cut(fault: Fault, machine: Machine): void {
    const { network, random, machines, serverPlaces } = this.#world;
    const others = machines.filter((one) => one !== machine).map(({ id }) => id);
    let places = [...new Set([...others, ...serverPlaces])].filter((place) => place !== machine.id);
    if (fault === "cut from bus") places = serverPlaces.filter((place) => place !== machine.id);
    if (fault === "cut from calls") places = others.filter((place) => !serverPlaces.includes(place));
    if (fault === "cut pair") places = others.length === 0 ? [] : [random.pick(others)];
    const oneWay = random.pick(["both", "both", "in", "out"]);
    const heals = places.flatMap((place) => [
      ...(oneWay === "in" ? [] : [network.cut(machine.id, place)]),
      ...(oneWay === "out" ? [] : [network.cut(place, machine.id)]),
    ]);
    network.changed();
    const touched = machines.filter(({ id }) => id === machine.id || (fault === "cut pair" && places.includes(id)));
    const hit = serverPlaces.includes(machine.id) ? machines : touched;
    this.#last(`${fault} ${oneWay}`, hit, random.pick([500, 3_000, 8_000, 20_000, 30_000]), () => {
      for (const heal of heals) heal();
      network.changed();
    });
  }

  #last(name: string, machines: Machine[], ms: number, end: () => void): void {
    const { time } = this.#world;
    const ids = machines.map(({ id }) => id).join(" ");
    this.#world.trace(ids, name, { ms: Math.round(ms) });
    this.#world.trouble(machines, ms);
    const heal = () => {
      if (!this.#heals.delete(heal)) return;
      end();
      this.#world.trouble(machines, 0);
      this.#world.trace(ids, `${name} is over`, {});
    };
    this.#heals.add(heal);
    time.after(ms, heal);
  }
}
