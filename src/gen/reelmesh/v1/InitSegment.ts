// Original file: proto/reelmesh/v1/media.proto


export interface InitSegment {
  /**
   * Name of the rendition, for example "720p" or "audio-1".
   */
  'rendition'?: (string);
  'sha256'?: (string);
}

export interface InitSegment__Output {
  /**
   * Name of the rendition, for example "720p" or "audio-1".
   */
  'rendition': (string);
  'sha256': (string);
}
