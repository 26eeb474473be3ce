// Original file: proto/reelmesh/v1/media.proto


/**
 * Short digests of the source's decoded frames that a chunk shares with its neighbours, who decoded them for themselves;
 * empty where there is nothing to compare.
 */
export interface FrameProof {
  /**
   * Its lead: the last frames of the chunk before it.
   */
  'lead'?: (string);
  /**
   * Its own first frames: the tail of the chunk before it.
   */
  'first'?: (string);
  /**
   * Its own last frames: the lead of the chunk after it.
   */
  'last'?: (string);
  /**
   * Its tail: the first frames of the chunk after it.
   */
  'tail'?: (string);
  /**
   * They come from one decoding that began at the source's first packet.
   */
  'linear'?: (boolean);
}

/**
 * Short digests of the source's decoded frames that a chunk shares with its neighbours, who decoded them for themselves;
 * empty where there is nothing to compare.
 */
export interface FrameProof__Output {
  /**
   * Its lead: the last frames of the chunk before it.
   */
  'lead': (string);
  /**
   * Its own first frames: the tail of the chunk before it.
   */
  'first': (string);
  /**
   * Its own last frames: the lead of the chunk after it.
   */
  'last': (string);
  /**
   * Its tail: the first frames of the chunk after it.
   */
  'tail': (string);
  /**
   * They come from one decoding that began at the source's first packet.
   */
  'linear': (boolean);
}
