import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { faithful } from "../../testing/fits";
import { Replay } from "./replay.svelte";

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ["requestAnimationFrame", "cancelAnimationFrame", "performance"],
    }),
);
afterEach(() => void vi.useRealTimers());

test("a replay begins at the result, and plays from the start to it", () => {
  const replay = new Replay();
  replay.load(faithful.frames);
  const last = faithful.frames.frames.length - 1;
  expect(replay.position).toBe(last);
  expect(replay.atEnd).toBe(true);
  replay.speed = 10;
  replay.play();
  expect(replay.position).toBe(0);
  vi.advanceTimersByTime(250);
  expect(replay.position).toBe(2);
  expect(replay.trail.length).toBe(3);
  vi.advanceTimersByTime(2000);
  expect(replay.position).toBe(last);
  expect(replay.playing).toBe(false);
});

test("a step pauses, and stays within the frames", () => {
  const replay = new Replay();
  replay.load(faithful.frames);
  replay.play();
  replay.step(-1);
  expect(replay.playing).toBe(false);
  expect(replay.position).toBe(0);
  replay.go(99);
  expect(replay.atEnd).toBe(true);
  expect(replay.next).toBeNull();
});

test("nothing to replay: nothing plays", () => {
  const replay = new Replay();
  replay.play();
  expect(replay.playing).toBe(false);
  expect(replay.frame).toBeNull();
  replay.load({ stride: 1, frames: faithful.frames.frames.slice(0, 1) });
  replay.toggle();
  expect(replay.playing).toBe(false);
});
