/**
 * Subtitles that are chosen late. From 5.0.4 on, and still in 5.2.12, Shaka Player holds back those of an HLS stream until it
 * appends a segment of video, which tells it where the stream's time begins; what it appended before a text track was first
 * chosen does not count (lib/text/text_engine.js, `deferredAppends_`; its pull request 9676). With the whole film in the
 * buffer none comes any more. So a track is chosen before the first segment, and given up before anything of it is fetched.
 */
export function readyText(player) {
  // Of these events the first that finds tracks comes before anything is fetched but playlists.
  const choose = () => {
    const [first] = player.getTextTracks();
    if (first === undefined) return;
    player.removeEventListener("buffering", choose);
    player.selectTextTrack(first);
  };
  player.addEventListener("buffering", choose);
  player.addEventListener("loaded", () => player.selectTextTrack(forcedText(player)));
}

/** What is shown without being asked for: the forced subtitles in the language that is spoken. */
function forcedText(player) {
  const spoken = player.getAudioTracks().find(({ active }) => active)?.language;
  return player.getTextTracks().find(({ forced, language }) => forced && language === spoken) ?? null;
}
