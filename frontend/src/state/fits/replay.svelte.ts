import type { Frame, Frames } from "../../api/types";

export const SPEEDS = [1, 3, 10, 30] as const;

/** The way of EM from the starting values to the result, shown frame by frame. */
export class Replay {
  frames = $state.raw<Frames | null>(null);
  /** Index of the frame that is shown. */
  position = $state(0);
  playing = $state(false);
  /** Frames a second. */
  speed = $state<number>(calm() ? 1 : 3);
  #asked = 0;

  get last(): number {
    return Math.max((this.frames?.frames.length ?? 0) - 1, 0);
  }

  get frame(): Frame | null {
    return this.frames?.frames[this.position] ?? null;
  }

  get next(): Frame | null {
    return this.frames?.frames[this.position + 1] ?? null;
  }

  /** Whether the result is shown, not the way to it. */
  get atEnd(): boolean {
    return this.position >= this.last;
  }

  /** Means of the frames before this one, the oldest first. */
  get trail(): number[][][] {
    const before = this.frames?.frames.slice(0, this.position + 1) ?? [];
    return before.map((frame) => frame.mixture.means);
  }

  /** Take the frames of a new result, and show its end. */
  load(frames: Frames | null): void {
    this.pause();
    this.frames = frames;
    this.position = this.last;
  }

  go(position: number): void {
    this.pause();
    this.position = Math.min(Math.max(position, 0), this.last);
  }

  step(by: number): void {
    this.go(this.position + by);
  }

  /** Play from here, or from the start if at the end. */
  play(): void {
    if (this.last === 0 || this.playing) return;
    if (this.atEnd) this.position = 0;
    this.playing = true;
    let shown = performance.now();
    const advance = (now: number) => {
      if (!this.playing) return;
      const frames = Math.floor(((now - shown) * this.speed) / 1000);
      if (frames > 0) {
        shown += (frames * 1000) / this.speed;
        this.position = Math.min(this.position + frames, this.last);
      }
      if (this.atEnd) this.playing = false;
      else this.#asked = requestAnimationFrame(advance);
    };
    this.#asked = requestAnimationFrame(advance);
  }

  pause(): void {
    cancelAnimationFrame(this.#asked);
    this.playing = false;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }
}

function calm(): boolean {
  return window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}

export const replay = new Replay();
