/**
 * The steps in which blobs come and go, and an index is begun anew, in their order. A test is told of each and may end the process there: whatever
 * comes after, the next start finds files and index in agreement.
 */
export type Step =
  /* a blob comes */
  | "temporary file made"
  | "bytes written"
  | "temporary file synced"
  | "file placed"
  | "folder synced"
  | "entry written"
  /* a blob goes, because nobody owns it, or its bytes are not what its name says */
  | "entry removed"
  | "file removed"
  | "file set aside"
  /* either */
  | "index synced"
  /* a new index takes the place of a damaged one */
  | "damaged index set aside"
  | "new index begun"
  | "found files entered";

export type AtStep = (step: Step) => Promise<void>;

export const noStep: AtStep = () => Promise.resolve();
