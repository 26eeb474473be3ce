/** The seek bar: where it is, how far it goes, and a small picture of where the pointer is. */

/** 3725 as "1:02:05", 65 as "1:05". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours, minutes, rest] = parts.map((part, index) =>
    index === 0 ? String(part) : String(part).padStart(2, "0"),
  );
  return hours === "0" ? `${Number(minutes)}:${rest}` : `${hours}:${minutes}:${rest}`;
}

export class SeekBar {
  constructor(player, video, hosts, { bar, time, preview }) {
    Object.assign(this, { player, video, hosts, bar, time, preview });
    this.pictures = new Map();
    this.dragging = false;
    for (const type of ["timeupdate", "durationchange", "progress", "seeked", "loadedmetadata"]) {
      video.addEventListener(type, () => this.show());
    }
    bar.addEventListener("input", () => {
      this.dragging = true;
      this.tell(Number(bar.value));
      void this.showPreview(Number(bar.value));
    });
    bar.addEventListener("change", () => {
      this.dragging = false;
      this.hidePreview();
      this.seek(Number(bar.value));
    });
    bar.addEventListener("pointermove", (event) => void this.showPreview(this.timeAt(event.clientX)));
    for (const type of ["pointerleave", "blur"]) bar.addEventListener(type, () => this.hidePreview());
  }

  get range() {
    return this.player.seekRange();
  }

  seek(seconds) {
    const { start, end } = this.range;
    this.video.currentTime = Math.min(Math.max(seconds, start), end);
  }

  show() {
    const { start, end } = this.range;
    this.bar.min = String(start);
    this.bar.max = String(end);
    if (!this.dragging) this.bar.value = String(this.video.currentTime);
    this.tell(this.dragging ? Number(this.bar.value) : this.video.currentTime);
  }

  tell(seconds) {
    const text = `${clock(seconds)} / ${clock(this.range.end)}`;
    this.time.textContent = text;
    this.bar.setAttribute("aria-valuetext", text.replace("/", "of"));
  }

  timeAt(x) {
    const { left, width } = this.bar.getBoundingClientRect();
    const { start, end } = this.range;
    return start + (end - start) * Math.min(1, Math.max(0, (x - left) / width));
  }

  hidePreview() {
    this.preview.hidden = true;
    this.previewed = undefined;
  }

  async showPreview(seconds) {
    const [track] = this.player.getImageTracks();
    if (track === undefined) return;
    this.previewed = seconds;
    const found = await this.player.getThumbnails(track.id, seconds).catch(() => null);
    if (found === null || this.previewed !== seconds) return;
    const image = await this.picture(new URL(found.uris[0], location.href).pathname);
    if (image === undefined || this.previewed !== seconds) return;
    const { start, end } = this.range;
    const { style } = this.preview;
    style.width = `${found.width}px`;
    style.height = `${found.height}px`;
    style.backgroundImage = `url(${image})`;
    style.backgroundPosition = `-${found.positionX}px -${found.positionY}px`;
    const room = this.bar.clientWidth - found.width;
    const left = ((seconds - start) / (end - start || 1)) * this.bar.clientWidth - found.width / 2;
    style.left = `${Math.max(0, Math.min(room, left))}px`;
    this.preview.hidden = false;
  }

  /** A sheet of small pictures, from whichever node has it. */
  picture(path) {
    if (!this.pictures.has(path)) {
      const load = this.hosts
        .fetch(path)
        .then((response) => response.blob())
        .then((blob) => URL.createObjectURL(blob))
        .catch(() => {
          this.pictures.delete(path);
          return undefined;
        });
      this.pictures.set(path, load);
    }
    return this.pictures.get(path);
  }
}
