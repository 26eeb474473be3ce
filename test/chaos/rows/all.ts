/** The rows in the order of FAULTS.md, and those that are quick enough for every run of the tests. */
import type { Row } from "../row.js";
import { awayForADay } from "./away.js";
import { fiveHundredCandidacies } from "./candidates.js";
import { slowClients } from "./clients.js";
import { clocksJump } from "./clocks.js";
import { coordinatorFrozen, coordinatorKilled, killedBeforeTheReply } from "./coordinator.js";
import { coreWithoutMajority, storesWiped, streamLeaderCutOff } from "./core.js";
import { coordinatorCutOff, workerCutFromCoordinator } from "./cuts.js";
import { diskFull } from "./full.js";
import { nodeGivesGarbage } from "./garbage.js";
import { failsEverywhere, secondProcess } from "./one-node.js";
import { halfTheWorkers, powerCut } from "./power.js";
import { sourceOfPullDies } from "./pull.js";
import { repliesLost, slowAndTorn } from "./replies.js";
import { bytesRot, indexDamaged } from "./rot.js";
import { submitterDies } from "./source.js";
import { rollingRestart } from "./versions.js";
import { ffmpegFrozen, ffmpegKilled, workerFrozen, workerKilled } from "./worker.js";
import { killedWhileStoring } from "./write-path.js";

export const allRows: Row[] = [
  coordinatorKilled,
  killedBeforeTheReply,
  coordinatorFrozen,
  workerKilled,
  workerFrozen,
  ffmpegKilled,
  ffmpegFrozen,
  coordinatorCutOff,
  workerCutFromCoordinator,
  repliesLost,
  streamLeaderCutOff,
  coreWithoutMajority,
  storesWiped,
  powerCut,
  fiveHundredCandidacies,
  diskFull,
  killedWhileStoring,
  bytesRot,
  indexDamaged,
  secondProcess,
  clocksJump,
  slowAndTorn,
  slowClients,
  sourceOfPullDies,
  failsEverywhere,
  halfTheWorkers,
  nodeGivesGarbage,
  rollingRestart,
  awayForADay,
  submitterDies,
];

/** The long waits first: they begin at once. */
export const quickRows: Row[] = [
  ffmpegFrozen,
  workerFrozen,
  workerKilled,
  coordinatorKilled,
  killedBeforeTheReply,
  coordinatorFrozen,
  ffmpegKilled,
  repliesLost,
  powerCut,
  fiveHundredCandidacies,
  secondProcess,
  failsEverywhere,
];
