// Original file: proto/reelmesh/v1/media.proto


/**
 * What the submitter asked for.
 */
export interface JobOptions {
  /**
   * Heights of the renditions in pixels, tallest first; empty: chosen by the source's height.
   */
  'ladder'?: (number)[];
  /**
   * Length of a segment in seconds.
   */
  'segmentSeconds'?: (number | string);
  /**
   * x264 preset, "ultrafast" to "veryslow".
   */
  'preset'?: (string);
  /**
   * Constant rate factor of x264, 1 (best) to 51 (worst).
   */
  'crf'?: (number);
}

/**
 * What the submitter asked for.
 */
export interface JobOptions__Output {
  /**
   * Heights of the renditions in pixels, tallest first; empty: chosen by the source's height.
   */
  'ladder': (number)[];
  /**
   * Length of a segment in seconds.
   */
  'segmentSeconds': (number);
  /**
   * x264 preset, "ultrafast" to "veryslow".
   */
  'preset': (string);
  /**
   * Constant rate factor of x264, 1 (best) to 51 (worst).
   */
  'crf': (number);
}
