// Original file: proto/reelmesh/v1/log.proto


/**
 * A chunk's result counts no more: its frames are not those that a neighbour got by decoding the source from its start.
 * It is to be made again, in the same way.
 */
export interface TaskReopened {
  'job'?: (string);
  'task'?: (string);
}

/**
 * A chunk's result counts no more: its frames are not those that a neighbour got by decoding the source from its start.
 * It is to be made again, in the same way.
 */
export interface TaskReopened__Output {
  'job': (string);
  'task': (string);
}
