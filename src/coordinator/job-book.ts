/**
 * A job in the schedule: entered when it is submitted or retried, begun anew when it comes into its next phase, and left
 * when it ends. Which of its tasks are open is known by a place in the plan, before which nothing is, and by a book for
 * each task that was touched: no step looks at all tasks.
 */
import { hasEnded, type JobRecord } from "../core/job-record.js";
import type { PlannedTask } from "../core/work.js";
import { Heap } from "./heap.js";
import { inputsOf, tasksOf } from "./job-tasks.js";
import { dropLease } from "./leases.js";
import { isThere, nodeOf, tidyNode } from "./node-book.js";
import { enterKind, leaveKind } from "./rates.js";
import type { JobBook, Schedule, TaskBook } from "./schedule-state.js";

export function enterJob(schedule: Schedule, job: JobRecord): JobBook {
  const book: JobBook = {
    job,
    order: schedule.orders++,
    phase: job.state,
    tasks: [],
    next: 0,
    nextLight: 0,
    touched: new Map(),
    returned: new Heap((a, b) => a.index < b.index),
    returnedLight: 0,
    leases: new Set(),
    priority: job.priority,
    paused: job.paused,
    inputs: [],
    inReach: false,
    kind: "",
    rates: new Map(),
    backupSeconds: 0,
  };
  schedule.jobs.set(job.id, book);
  beginPhase(schedule, book);
  return book;
}

/** The job's record has changed: its phase, its priority, or that it is paused. */
export function updateJob(schedule: Schedule, book: JobBook, job: JobRecord): void {
  book.job = job;
  book.priority = job.priority;
  book.paused = job.paused;
  if (job.state === book.phase) takeTurn(schedule, book);
  else {
    endPhase(schedule, book);
    book.phase = job.state;
    beginPhase(schedule, book);
  }
}

export function leaveJob(schedule: Schedule, book: JobBook): void {
  endPhase(schedule, book);
  schedule.turn.delete(book);
  schedule.lightTurn.delete(book);
  schedule.jobs.delete(book.job.id);
}

function beginPhase(schedule: Schedule, book: JobBook): void {
  book.tasks = tasksOf(book.job);
  book.next = 0;
  book.nextLight = 0;
  book.inputs = inputsOf(book.job);
  for (const id of new Set(book.inputs.flat())) nodeOf(schedule, id).holds.add(book);
  book.inReach = inputsInReach(schedule, book);
  if (book.phase === "running") enterKind(schedule, book);
  takeTurn(schedule, book);
}

function endPhase(schedule: Schedule, book: JobBook): void {
  for (const task of [...book.touched.values()]) forgetTask(schedule, task);
  for (const id of new Set(book.inputs.flat())) {
    const node = schedule.nodes.get(id);
    node?.holds.delete(book);
    if (node !== undefined) tidyNode(schedule, node);
  }
  if (book.phase === "running") leaveKind(schedule, book);
}

function inputsInReach(schedule: Schedule, book: JobBook): boolean {
  return book.inputs.every((holders) => holders.some((id) => isThere(schedule, id)));
}

/** A node that holds what some jobs read has come or gone. */
export function lookAgain(schedule: Schedule, books: Iterable<JobBook>): void {
  for (const book of books) {
    const inReach = inputsInReach(schedule, book);
    if (inReach === book.inReach) continue;
    book.inReach = inReach;
    takeTurn(schedule, book);
  }
}

/** Puts the job where its priority and leases say, or out of the turn while nothing of it may run. */
export function takeTurn(schedule: Schedule, book: JobBook): void {
  const may = !book.paused && book.inReach && !hasEnded(book.job);
  if (may && (book.returned.size > 0 || nextOpen(book, false) !== undefined)) schedule.turn.set(book);
  else schedule.turn.delete(book);
  if (may && (book.returnedLight > 0 || nextOpen(book, true) !== undefined)) schedule.lightTurn.set(book);
  else schedule.lightTurn.delete(book);
}

/** The place of the job's first task that is open and was never touched. */
function nextOpen(book: JobBook, light: boolean): number | undefined {
  const { tasks, touched, job } = book;
  let place = light ? book.nextLight : book.next;
  for (; place < tasks.length; place++) {
    const task = tasks[place] as PlannedTask;
    if (!touched.has(task.name) && !job.finished.has(task.name) && (!light || isLight(task))) break;
  }
  if (light) book.nextLight = place;
  else book.next = place;
  return place < tasks.length ? place : undefined;
}

/** The place of the first such task that a node can run, in search from the first one on. */
export function nextFor(schedule: Schedule, book: JobBook, light: boolean, nodeId: string): number | undefined {
  const { tasks, touched, job } = book;
  for (let place = nextOpen(book, light) ?? tasks.length; place < tasks.length; place++) {
    const task = tasks[place] as PlannedTask;
    const isOpen = !touched.has(task.name) && !job.finished.has(task.name) && (!light || isLight(task));
    if (isOpen && canRun(schedule, nodeId, task)) return place;
  }
  return undefined;
}

/** Whether a node has what a task is encoded with, as far as its heartbeats say. */
export function canRun(schedule: Schedule, nodeId: string, { encoder }: PlannedTask): boolean {
  return encoder === "" || (schedule.encoders.get(nodeId)?.includes(encoder) ?? false);
}

/** Work that leaves most of the processor to others: planning, packaging, an audio track. */
export function isLight(task: PlannedTask): boolean {
  return task.frames === 0;
}

export function plannedOf(task: TaskBook): PlannedTask {
  return task.job.tasks[task.index] as PlannedTask;
}

/** The task's book, made where there is none; undefined when the task is not open. */
export function openTask(book: JobBook, name: string): TaskBook | undefined {
  const known = book.touched.get(name);
  if (known !== undefined) return known;
  if (book.job.finished.has(name)) return undefined;
  const index = book.tasks.findIndex((task) => task.name === name);
  return index < 0 ? undefined : touch(book, index);
}

export function touch(book: JobBook, index: number): TaskBook {
  const { name } = book.tasks[index] as PlannedTask;
  const known = book.touched.get(name);
  if (known !== undefined) return known;
  const task: TaskBook = {
    job: book,
    name,
    index,
    leases: [],
    failed: [],
    handBacks: 0,
    ended: new Set(),
    restUntil: 0,
    linear: book.job.reopened.includes(name),
    givenUp: false,
  };
  book.touched.set(name, task);
  return task;
}

/** Makes a touched task without a lease open again. */
export function returnTask(book: JobBook, task: TaskBook): void {
  if (book.returned.has(task)) return;
  book.returned.set(task);
  if (isLight(plannedOf(task))) book.returnedLight++;
}

/** Takes a task out of those that may be granted. */
export function takeReturned(book: JobBook, task: TaskBook): void {
  if (book.returned.delete(task) && isLight(plannedOf(task))) book.returnedLight--;
}

/** A task that is done, or whose job goes on without it. */
export function forgetTask(schedule: Schedule, task: TaskBook): void {
  for (const lease of [...task.leases]) dropLease(schedule, task, lease);
  schedule.resting.delete(task);
  takeReturned(task.job, task);
  task.job.touched.delete(task.name);
}
