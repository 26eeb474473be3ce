/** Options that several commands share, and the parsers of their values. */
import { InvalidArgumentError, Option } from "commander";
import { ReelmeshError } from "../core/errors.js";
import { GRPC_PORT, parseAddress } from "./address.js";

const DEFAULT_NODE = `127.0.0.1:${GRPC_PORT}`;

/** What every command that asks a node is given. */
export interface AskOptions {
  /** host:port of the node's gRPC listener. */
  node: string;
  json?: boolean;
}

export function nodeOption(): Option {
  return new Option("--node <host:port>", "node to ask")
    .env("REELMESH_NODE")
    .default(DEFAULT_NODE)
    .argParser(addressArgument);
}

export function jsonOption(): Option {
  return new Option("--json", "print one JSON object, for scripts");
}

/** A command to try next, as the person can paste it: with the node, unless the command finds it by itself. */
export function suggest(command: string, node: string): string {
  const found = process.env.REELMESH_NODE !== undefined || node === DEFAULT_NODE;
  return found ? `reelmesh ${command}` : `reelmesh ${command} --node ${node}`;
}

/** For the end of a command's help. */
export function example(...lines: string[]): string {
  return ["", lines.length === 1 ? "Example:" : "Examples:", ...lines.map((line) => `  $ ${line}`)].join("\n");
}

/** As a parser for commander, which wants its own error. */
export function addressArgument(text: string): string {
  try {
    return parseAddress(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof ReelmeshError ? error.message : String(error));
  }
}

/** A parser of whole numbers within limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
  };
}

/** A parser of lists such as "720,480", each of its parts by another parser. */
export function commaSeparated<T>(parsePart: (text: string) => T): (text: string) => T[] {
  return (text) => {
    const parts = text.split(",").map((part) => part.trim());
    if (parts.includes("")) throw new InvalidArgumentError("Write the parts with a comma between them.");
    return parts.map(parsePart);
  };
}

const UNITS: Record<string, number> = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** A parser of amounts such as 4M or 1.5T: bytes, or bits a second. */
export function amount(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([kMGT]?)$/.exec(text) ?? [];
  const value = Math.round(Number(digits) * (UNITS[unit] ?? 0));
  if (value > 0) return value;
  throw new InvalidArgumentError("Write a number with k, M, G or T behind it, such as 4M.");
}
