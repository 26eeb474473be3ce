// Original file: proto/reelmesh/v1/node.proto


export interface Encoder {
  /**
   * ffmpeg's name, for example "libx264".
   */
  'name'?: (string);
  /**
   * Version of ffmpeg that it is in.
   */
  'version'?: (string);
}

export interface Encoder__Output {
  /**
   * ffmpeg's name, for example "libx264".
   */
  'name': (string);
  /**
   * Version of ffmpeg that it is in.
   */
  'version': (string);
}
