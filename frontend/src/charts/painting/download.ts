import { paint } from "./canvas";
import { palette } from "./colours";
import type { Scene } from "./scene";
import { svg } from "./svg";

export const FONT = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
const PNG_WIDTH = 2400;

/** A scene under its title, on the surface: what is saved. */
export function titled(scene: Scene, title: string): Scene {
  const size = scene.em * 1.25;
  const head = title === "" ? 0 : size * 2;
  const margin = scene.em;
  const [width, height] = [scene.width + 2 * margin, scene.height + head + 2 * margin];
  return {
    ...scene,
    width,
    height,
    marks: [
      { kind: "path", d: `M0 0H${width}V${height}H0Z`, fill: "--surface" },
      {
        kind: "text",
        x: margin,
        y: margin + size,
        text: title,
        size,
        colour: "--ink",
        bold: true,
      },
      { kind: "group", x: margin, y: margin + head, marks: scene.marks },
    ],
  };
}

/** Save a scene, if there is one, in the light theme, as `name`.svg or `name`.png. */
export async function download(
  scene: Scene | null,
  { kind, name, title }: { kind: "svg" | "png"; name: string; title: string },
): Promise<void> {
  if (scene === null) return;
  const whole = titled(scene, title);
  const light = palette("light");
  if (kind === "svg") {
    saveBlob(new Blob([svg(whole, light, title, FONT)], { type: "image/svg+xml" }), `${name}.svg`);
    return;
  }
  const canvas = document.createElement("canvas");
  paint(canvas, whole, { palette: light, scale: PNG_WIDTH / whole.width, font: FONT });
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob !== null) saveBlob(blob, `${name}.png`);
}

/** Hand a file to the browser, to be saved. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
