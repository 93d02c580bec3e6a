import { emptyDensities, MixtureDensity } from "../../mathematics/density";
import { axesOf } from "../../mathematics/ellipse";
import { marginal } from "../../mathematics/marginal";
import { badgePlace } from "../parts/components";
import type { DataView } from "../scenes/data";
import { type DensityView, peakPlace } from "../scenes/density";

/** The component at a pixel of the plot; sure if its sign is, not its ellipse only. */
export function hitComponent(
  view: DataView,
  density: DensityView | null,
  { x, y, em }: { x: number; y: number; em: number },
): { k: number; sure: boolean } | null {
  const { mixture } = view;
  if (mixture === null) return null;
  for (let k = mixture.means.length - 1; k >= 0; k--) {
    const sign = density ? peakPlace(density, k, em) : badgePlace(mixture, k, view, em);
    if (Math.hypot(sign.x - x, sign.y - y) < em) return { k, sure: true };
  }
  return density === null && view.ellipses ? likeliest(view, x, y) : null;
}

/** The likeliest component at a place within its ellipse of 3 standard deviations. */
function likeliest(view: DataView, x: number, y: number): { k: number; sure: boolean } | null {
  const mixture = { ...marginal(view.mixture!, view.axes), noise: null };
  const place = Float64Array.of(view.plot.fromX(x), view.plot.fromY(y));
  const found = emptyDensities(1, mixture.means.length);
  new MixtureDensity(mixture, 2, [0, 1]).evaluate(place, null, found);
  const k = found.responsibilities.indexOf(Math.max(...found.responsibilities));
  const [[a, b], [, c]] = mixture.covariances[k];
  const { long, short, angle } = axesOf(a, b, c);
  const [dx, dy] = [place[0] - mixture.means[k][0], place[1] - mixture.means[k][1]];
  const along = (dx * Math.cos(angle) + dy * Math.sin(angle)) / long;
  const across = (dy * Math.cos(angle) - dx * Math.sin(angle)) / short;
  return Math.hypot(along, across) <= 3 ? { k, sure: false } : null;
}
