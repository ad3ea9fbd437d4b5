/** A panel, drawn as in the pictures of the docs, with its numbers in a table for who cannot see it. */
import { type Drawing, optionOf } from '@microshop/grafana/render/chart';
import type { FilledPanel, Panel } from '@microshop/grafana/render/dashboard';
import { valueText } from '@microshop/grafana/render/panels/look';
import { panelDrawing, shownIn } from '@microshop/grafana/render/picture';
import { calculated, type Scene } from '@microshop/grafana/render/series';
import { Link } from '@tanstack/react-router';
import { TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import { timeText } from '../look/format.ts';
import { type Dot, dotsOf } from './dots.ts';

use([TooltipComponent]);

interface PictureProps {
  readonly filled: FilledPanel;
  readonly scene: Scene;
}

/** The values under the pointer, as texts of the panel's unit; a drawing without axes has none. */
function tooltipOf(panel: Panel, { plots }: Drawing): object {
  const [plot] = plots;
  if (plot === undefined || plot.axes === false) return {};
  return {
    tooltip: {
      trigger: 'axis',
      confine: true,
      // as an SVG node: the page's CSP allows no inline styles in markup
      renderMode: 'richText',
      textStyle: { fontSize: 11 },
      valueFormatter: (value: unknown) =>
        valueText(panel, typeof value === 'number' ? value * plot.unit : null),
    },
  };
}

/** The panel, as large as its place on the page. */
export function PanelPicture({ filled, scene }: PictureProps) {
  const place = useRef<HTMLDivElement>(null);
  const { panel } = filled;
  const series = shownIn(filled);
  const [dots, setDots] = useState<readonly Dot[]>([]);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const chart = init(element, undefined, { renderer: 'svg' });
    // the observer also reports the initial size
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      chart.resize({ width, height });
      const drawing = panelDrawing(filled, { x: 0, y: 0, width, height }, scene);
      chart.setOption({ ...optionOf(drawing), ...tooltipOf(filled.panel, drawing) }, { notMerge: true });
      const [plot] = drawing.plots;
      const found = filled.exemplars ?? [];
      setDots(
        plot === undefined || found.length === 0
          ? []
          : dotsOf(found, plot, (point) => chart.convertToPixel({ gridIndex: 0 }, [...point])),
      );
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [filled, scene]);
  return (
    <>
      <div ref={place} className="picture" aria-hidden="true" />
      {dots.map(({ left, top, atMs, value, traceId }) => (
        <Link
          key={traceId}
          className="dot"
          to="/traces/$trace"
          params={{ trace: traceId }}
          style={{ left, top }}
          title={`trace of ${valueText(panel, value)} at ${timeText(atMs)}`}
          aria-label={`Trace of ${valueText(panel, value)} at ${timeText(atMs)}`}
        />
      ))}
      <table className="spoken">
        <caption>{panel.title}</caption>
        <tbody>
          {series.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of two queries may have one name
            <tr key={index}>
              <th scope="row">{one.name}</th>
              <td>{valueText(panel, calculated(one, 'lastNotNull'))}</td>
            </tr>
          ))}
          {series.length === 0 && (
            <tr>
              <td>{panel.fieldConfig?.defaults.noValue ?? 'No data'}</td>
            </tr>
          )}
        </tbody>
      </table>
    </>
  );
}
