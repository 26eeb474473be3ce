// Original file: proto/reelmesh/v1/media.proto

import type { SubtitleFile as _reelmesh_v1_SubtitleFile, SubtitleFile__Output as _reelmesh_v1_SubtitleFile__Output } from '../../reelmesh/v1/SubtitleFile.js';
import type { Long } from '@grpc/proto-loader';

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
   * Constant rate factor of x264, 1 (best) to 51 (worst); those of the other encoders follow from it.
   */
  'crf'?: (number);
  /**
   * Codecs of the video, a ladder for each: "h264", "hevc", "av1", "vp9"; empty: "h264".
   */
  'codecs'?: (string)[];
  /**
   * Hardware that encodes the video: "vaapi", "nvenc" or "qsv"; empty: none.
   */
  'hardware'?: (string);
  /**
   * What the tallest rendition should have, in bits a second; 0: what its quality takes.
   */
  'bitrate'?: (number | string | Long);
  /**
   * How large the tallest rendition with the first audio track should be, in bytes; 0: as large as it gets.
   */
  'size'?: (number | string | Long);
  /**
   * Look at samples of the source, and leave out or move the rungs that bring nothing.
   */
  'autoLadder'?: (boolean);
  /**
   * Codecs of the sound, each for every track: "aac", "opus", and "copy" for AC-3 and E-AC-3 as they are; empty: "aac".
   */
  'audioCodecs'?: (string)[];
  /**
   * Integrated loudness that every track is brought to, in LUFS; 0: left as it is.
   */
  'loudness'?: (number | string);
  /**
   * Subtitles that come beside the source.
   */
  'subtitles'?: (_reelmesh_v1_SubtitleFile)[];
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
   * Constant rate factor of x264, 1 (best) to 51 (worst); those of the other encoders follow from it.
   */
  'crf': (number);
  /**
   * Codecs of the video, a ladder for each: "h264", "hevc", "av1", "vp9"; empty: "h264".
   */
  'codecs': (string)[];
  /**
   * Hardware that encodes the video: "vaapi", "nvenc" or "qsv"; empty: none.
   */
  'hardware': (string);
  /**
   * What the tallest rendition should have, in bits a second; 0: what its quality takes.
   */
  'bitrate': (number);
  /**
   * How large the tallest rendition with the first audio track should be, in bytes; 0: as large as it gets.
   */
  'size': (number);
  /**
   * Look at samples of the source, and leave out or move the rungs that bring nothing.
   */
  'autoLadder': (boolean);
  /**
   * Codecs of the sound, each for every track: "aac", "opus", and "copy" for AC-3 and E-AC-3 as they are; empty: "aac".
   */
  'audioCodecs': (string)[];
  /**
   * Integrated loudness that every track is brought to, in LUFS; 0: left as it is.
   */
  'loudness': (number);
  /**
   * Subtitles that come beside the source.
   */
  'subtitles': (_reelmesh_v1_SubtitleFile__Output)[];
}
