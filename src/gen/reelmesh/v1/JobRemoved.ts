// Original file: proto/reelmesh/v1/log.proto


/**
 * A job that has ended is forgotten, and its asset with it.
 */
export interface JobRemoved {
  'job'?: (string);
}

/**
 * A job that has ended is forgotten, and its asset with it.
 */
export interface JobRemoved__Output {
  'job': (string);
}
