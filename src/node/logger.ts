/** The node's log, on standard error: one JSON object a line, or the same made readable. */
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

export type Report = (event: string, details?: Record<string, unknown>) => void;

export function createLogger(name: string, format: "json" | "pretty"): Logger {
  const options = { name, base: { node: name }, level: process.env["REELMESH_LOG_LEVEL"] ?? "info" };
  if (format === "json") return pino(options, pino.destination({ fd: 2, sync: true }));
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY === true,
    ignore: "pid,hostname,node,name",
    translateTime: "HH:MM:ss",
    singleLine: true,
  });
  return pino(options, stream);
}

/** What every part tells: an event in words and its details; errors as their message. */
export function reporter(logger: Logger): Report {
  return (event, details = {}) => {
    const plain = Object.entries(details).map(([key, value]) => [key, value instanceof Error ? value.message : value]);
    logger.info(Object.fromEntries(plain), event);
  };
}
