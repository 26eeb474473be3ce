/** The menus: quality, sound, subtitles. One with nothing to choose stays hidden. */

/** Fills a menu with [text, choose] pairs and marks the one at `selected`. */
function fill(label, choices, selected) {
  const select = label.querySelector("select");
  select.replaceChildren(...choices.map(([text], index) => new Option(text, index, false, index === selected)));
  select.onchange = () => choices[select.value][1]();
  label.hidden = choices.length < 2;
}

function languageName(language) {
  try {
    return new Intl.DisplayNames(document.documentElement.lang, { type: "language" }).of(language);
  } catch {
    return language;
  }
}

/** What it was called where it came from; its language where it was only numbered. */
function nameOf({ label, language }, index) {
  const called = label && label !== language && !/^Track \d+$/.test(label);
  if (called) return label;
  return language && language !== "und" ? languageName(language) : label || `Track ${index + 1}`;
}

export class Menus {
  constructor(player, labels) {
    this.player = player;
    this.labels = labels;
    this.text = undefined;
    const show = () => this.show();
    for (const type of ["trackschanged", "variantchanged", "adaptation", "textchanged", "abrstatuschanged"]) {
      player.addEventListener(type, show);
    }
    show();
  }

  show() {
    this.showQualities();
    this.showAudio();
    this.showText();
  }

  showQualities() {
    const { player } = this;
    const active = player.getVariantTracks().find((track) => track.active);
    const byHeight = new Map();
    for (const track of player.getVariantTracks()) {
      // The sound stays as it is.
      if (track.height && track.audioId === active?.audioId) byHeight.set(track.height, track);
    }
    const heights = [...byHeight.keys()].sort((one, other) => other - one);
    const automatic = player.getConfiguration().abr.enabled;
    const now = automatic && active?.height ? ` (${active.height}p)` : "";
    const choose = (height) => () => {
      player.configure("abr.enabled", height === undefined);
      if (height !== undefined) player.selectVariantTrack(byHeight.get(height), true, 1);
      this.showQualities();
    };
    const choices = heights.map((height) => [`${height}p`, choose(height)]);
    const selected = automatic ? 0 : 1 + heights.indexOf(active?.height);
    fill(this.labels.quality, choices.length < 2 ? [] : [[`Auto${now}`, choose()], ...choices], selected);
  }

  showAudio() {
    const tracks = this.player.getAudioTracks();
    const choices = tracks.map((track, index) => [nameOf(track, index), () => this.player.selectAudioTrack(track)]);
    fill(
      this.labels.audio,
      choices,
      tracks.findIndex((track) => track.active),
    );
  }

  showText() {
    const tracks = this.player.getTextTracks();
    const choose = (track) => () => this.chooseText(track);
    const choices = tracks.map((track, index) => [nameOf(track, index), choose(track)]);
    const selected = 1 + tracks.findIndex((track) => track.active);
    fill(this.labels.subtitles, choices.length === 0 ? [] : [["Off", choose(null)], ...choices], selected);
  }

  chooseText(track) {
    if (track !== null) this.text = track.language;
    this.player.selectTextTrack(track);
    this.showText();
  }

  /** On and off, in the language that was chosen last. Returns whether there are any. */
  toggleText() {
    const tracks = this.player.getTextTracks();
    if (tracks.length === 0) return false;
    const on = tracks.some((track) => track.active);
    this.chooseText(on ? null : (tracks.find((track) => track.language === this.text) ?? tracks[0]));
    return true;
  }
}
