/** What the keyboard does: space and k play, arrows seek and set the volume, m f c, and the digits. */
const STEP_SECONDS = 5;
const VOLUME_STEP = 0.1;

/** Listens on the whole page; a menu that has the focus keeps its own keys, and a button its space. */
export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    if (target instanceof HTMLSelectElement) return;
    if (key === " " && target instanceof HTMLButtonElement) return;
    const act = actionOf(key, actions);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

function actionOf(key, { togglePlay, seekBy, seekTo, changeVolume, toggleMute, toggleFullscreen, toggleText }) {
  if (/^[0-9]$/.test(key)) return () => seekTo(Number(key) / 10);
  const keys = {
    " ": togglePlay,
    k: togglePlay,
    arrowleft: () => seekBy(-STEP_SECONDS),
    arrowright: () => seekBy(STEP_SECONDS),
    arrowup: () => changeVolume(VOLUME_STEP),
    arrowdown: () => changeVolume(-VOLUME_STEP),
    home: () => seekTo(0),
    end: () => seekTo(1),
    m: toggleMute,
    f: toggleFullscreen,
    c: toggleText,
  };
  return keys[key.toLowerCase()];
}
