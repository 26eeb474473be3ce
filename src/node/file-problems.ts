/** Why a file that a user names cannot be used, in words: `ENOENT: no such file or directory, open '/x'` is nobody's. */
const REASONS: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  ELOOP: "its links lead in a circle",
  EROFS: "its disk can only be read",
  ENOSPC: "its disk is full",
};

/** `missing`: what it means when there is no such file: "there is no such file", "its folder does not exist". */
export function fileProblem(cause: unknown, missing = "there is no such file"): string {
  const { code = "", message = String(cause) } = cause as NodeJS.ErrnoException;
  return code === "ENOENT" ? missing : (REASONS[code] ?? message);
}
